internal import Analysis

/// A learning-rate schedule in Python: the body of `learning_rate(step, steps)`.
enum TorchSchedule {
  static func code(for entry: ConfiguredEntry?) throws(TorchCode.Missing) -> String {
    guard let entry else { return "return LEARNING_RATE" }
    guard let make = all[entry.name] else {
      throw TorchCode.Missing(
        "the schedule \(entry.name) is not written in Python; written can be "
          + all.keys.sorted().joined(separator: ", "))
    }
    let warmup = entry.json("warmup_steps")
    guard warmup != "0", warmup != "null" else {
      let body = make(entry, "0")
      return ["(step - 0)": "step", "step - 0": "step", "(last - 0)": "last", " - 0\n": "\n"]
        .sorted { $0.key.count > $1.key.count }.reduce(body) {
          $0.replacing($1.key, with: $1.value)
        }
    }
    return """
      if step < \(warmup):
          return LEARNING_RATE * (step + 1) / \(warmup)

      """ + make(entry, warmup)
  }

  /// The planned steps, or the option that stands in for them.
  private static func steps(_ entry: ConfiguredEntry) -> String {
    entry.json("steps") == "null" ? "steps" : entry.json("steps")
  }

  private static let all: [String: @Sendable (ConfiguredEntry, _ warmup: String) -> String] = [
    "constant": { _, _ in "return LEARNING_RATE" },
    "cosine": { entry, warmup in
      """
      minimum, last = \(entry.python("minimum")), \(steps(entry)) - 1
      if step <= \(warmup):
          return LEARNING_RATE
      if step >= last:
          return minimum
      share = (step - \(warmup)) / (last - \(warmup))
      return minimum + 0.5 * (LEARNING_RATE - minimum) * (1 + math.cos(math.pi * share))
      """
    },
    "step": { entry, warmup in
      "return LEARNING_RATE * \(entry.python("gamma")) ** ((step - \(warmup)) // \(entry.python("step_size")))"
    },
    "multi-step": { entry, warmup in
      "return LEARNING_RATE * \(entry.python("gamma")) ** sum("
        + "step - \(warmup) >= milestone for milestone in \(entry.json("milestones")))"
    },
    "exponential": { entry, warmup in
      "return LEARNING_RATE * \(entry.python("gamma")) ** (step - \(warmup))"
    },
    "inverse-time": { entry, warmup in
      let share =
        "(step - \(warmup)) \(entry.isTrue("staircase") ? "//" : "/") \(entry.python("decay_steps"))"
      return "return LEARNING_RATE / (1 + \(entry.python("decay_rate")) * (\(share)))"
    },
    "polynomial": { entry, warmup in
      let total =
        entry.json("total_iters") == "null" ? "steps - 1 - \(warmup)" : entry.json("total_iters")
      return """
        minimum, total = \(entry.python("minimum")), \(total)
        done = step - \(warmup)
        if done >= total:
            return LEARNING_RATE if total <= 0 else minimum
        return minimum + (LEARNING_RATE - minimum) * (1 - done / total) ** \(entry.python("power"))
        """
    },
    "linear": { entry, _ in
      let total = entry.json("total_iters") == "null" ? "steps - 1" : entry.json("total_iters")
      return """
        start, end, total = \(entry.python("start_factor")), \(entry.python("end_factor")), \(total)
        return LEARNING_RATE * (start + (end - start) * min(step, total) / total)
        """
    },
    "cosine-restarts": { entry, warmup in
      """
      minimum, period, done = \(entry.python("minimum")), \(entry.python("T_0")), step - \(warmup)
      while done >= period:
          done -= period
          period *= \(entry.python("T_mult"))
      return minimum + 0.5 * (LEARNING_RATE - minimum) * (1 + math.cos(math.pi * done / period))
      """
    },
  ]
}
