internal import Settings

/// A factor of η that goes linearly from `start_factor` at step 0 to `end_factor` at step
/// T = `total_iters`, and stays there: η·(a + (b − a)·min(k, T)/T).
///
/// PyTorch's `LinearLR` with its defaults, a warm-up from a third over five steps. Without
/// `total_iters`, T = N − 1 for a run of N steps: the last step has the end factor.
struct LinearSchedule: Schedule {
  let startFactor: Double
  let endFactor: Double
  let totalIterations: Int?

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    let span = totalIterations ?? (totalSteps - 1)
    if step >= span { return base * endFactor }
    return base * (startFactor + (endFactor - startFactor) * Double(step) / Double(span))
  }
}

extension CatalogEntry where Product == any Schedule {
  static var linear: Self {
    CatalogEntry(
      name: "linear", summary: "from one factor of the learning rate to another in equal steps",
      reference: "Goyal et al., 2017",
      hyperparameters: [
        Hyperparameter(
          "start_factor", .number(.nonnegative), default: .number(1.0 / 3),
          "factor at step 0, a"),
        Hyperparameter(
          "end_factor", .number(.nonnegative), default: .number(1),
          "factor from step total_iters on, b"),
        Hyperparameter(
          "total_iters", .integer(1 ... .max), default: .integer(5), optional: true,
          "the step that first has the end factor, T; null for the last one"),
      ]
    ) { options throws(HyperparameterError) in
      LinearSchedule(
        startFactor: options.number("start_factor"), endFactor: options.number("end_factor"),
        totalIterations: options["total_iters"] == .none ? nil : options.integer("total_iters"))
    }
  }
}
