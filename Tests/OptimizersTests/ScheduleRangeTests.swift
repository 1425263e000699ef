import Optimizers
import Settings
import TestSupport
import Tensors
import Testing

/// What every schedule keeps to for every setting that a file may give.
@Suite struct ScheduleRangeTests {
  /// A schedule with some options away from their defaults.
  struct Variation: CustomTestStringConvertible {
    let text: String
    let schedule: any Schedule
    var testDescription: String { text }
  }

  private func schedule(_ text: String) throws -> any Schedule {
    let setting = try Setting.parse(text, file: "schedule.yml")
    return try scheduleCatalog.make(try scheduleCatalog.choice(at: setting), at: setting)
  }

  /// Values of an option, as a file writes them, from one end of what is allowed to the other.
  private func values(of option: Hyperparameter, extreme: Bool) -> [String] {
    let values: [String] =
      switch option.kind {
      case .number:
        extreme
          ? ["1.0e-300", "1.0e-40", "1.0e+40", "1.0e+300"]
          : ["0", "0.001", "0.1", "0.25", "0.5", "0.75", "1", "3"]
      case .integer:
        extreme
          ? ["\(Int.max)", "\(Int.max - 1)"] : ["0", "1", "2", "3", "10", "100", "150", "1000"]
      case .boolean: ["true", "false"]
      case .choice(let names): names
      case .numbers: extreme ? ["[1.0e+15]"] : ["[1]", "[3, 3, 7]", "[1, 2, 1000]"]
      default: []
      }
    return values + (option.isOptional ? ["null"] : [])
  }

  /// The variations of an entry by one option, or by two; those that the file would be refused for
  /// are left out.
  private func variations(
    of entry: CatalogEntry<any Schedule>, extreme: Bool, pairs: Bool
  ) -> [Variation] {
    let fields = entry.hyperparameters.map { option in
      values(of: option, extreme: extreme).map { "\(option.name): \($0)" }
    }
    var texts = ["{name: \(entry.name)}"]
    for (index, first) in fields.enumerated() {
      if pairs {
        for second in fields[(index + 1)...] {
          for a in first { texts += second.map { "{name: \(entry.name), \(a), \($0)}" } }
        }
      } else {
        texts += first.map { "{name: \(entry.name), \($0)}" }
      }
    }
    return texts.compactMap { text in
      (try? schedule(text)).map { Variation(text: text, schedule: $0) }
    }
  }

  /// The first step of a run or a little after it whose rate is not finite, or negative.
  private func firstBad(_ variation: Variation, total: Int, base: Double) -> Int? {
    (0..<total + 3).first { step in
      let rate = variation.schedule.learningRate(base: base, step: step, totalSteps: total)
      return !(rate >= 0 && rate.isFinite)
    }
  }

  @Test(arguments: scheduleCatalog.names)
  func everyRateOfEveryHorizonIsFinite(name: String) throws {
    let entry = try #require(scheduleCatalog.entry(named: name))
    for variation in variations(of: entry, extreme: false, pairs: false) {
      for total in 1...200 {
        let bad = firstBad(variation, total: total, base: 0.1)
        if let bad { Issue.record("\(variation.text), step \(bad) of \(total)") }
      }
    }
    for variation in variations(of: entry, extreme: false, pairs: true) {
      for total in [1, 2, 3, 4, 5, 10, 20, 40, 100] {
        let bad = firstBad(variation, total: total, base: 0.1)
        if let bad { Issue.record("\(variation.text), step \(bad) of \(total)") }
      }
    }
  }

  @Test(arguments: scheduleCatalog.names)
  func aRateThatCannotBeUsedIsFoundBeforeTheRun(name: String) throws {
    let entry = try #require(scheduleCatalog.entry(named: name))
    for variation in variations(of: entry, extreme: true, pairs: true) {
      for total in [1, 2, 10, 50] {
        let rates = (0..<total).map {
          variation.schedule.learningRate(base: 0.1, step: $0, totalSteps: total)
        }
        let largest = Double(Float.greatestFiniteMagnitude)
        #expect(
          variation.schedule.firstUnusableStep(base: 0.1, totalSteps: total)
            == rates.firstIndex { !(0...largest).contains($0) }, "\(variation.text) of \(total)")
      }
    }
  }

  @Test func growthBeyondTheFloatsIsFoundWhereItBegins() throws {
    let growing = try schedule("{name: step, step_size: 1, gamma: 10}")
    // 0.1·10ᵏ exceeds 3.4e38 from k = 40 on.
    #expect(growing.firstUnusableStep(base: 0.1, totalSteps: 40) == nil)
    #expect(growing.firstUnusableStep(base: 0.1, totalSteps: 200) == 40)
    let late = try schedule("{name: multi-step, milestones: [2000000], gamma: 1.0e+300}")
    #expect(late.firstUnusableStep(base: 0.1, totalSteps: 2_000_500) == 2_000_000)
  }

  // MARK: - One cycle

  /// PyTorch's `OneCycleLR.get_lr` (2.13), phase by phase.
  private func torchOneCycle(
    step: Double, total: Double, share: Double, threePhases: Bool, base: Double
  ) -> Double? {
    let (initial, final) = (base / 25, base / 25 / 1e4)
    let phases: [(end: Double, from: Double, to: Double)] =
      threePhases
      ? [
        (share * total - 1, initial, base), (2 * share * total - 2, base, initial),
        (total - 1, initial, final),
      ] : [(share * total - 1, initial, base), (total - 1, base, final)]
    var start = 0.0
    for (index, phase) in phases.enumerated() {
      if step <= phase.end || index == phases.count - 1 {
        guard phase.end != start else { return nil }
        let done = (step - start) / (phase.end - start)
        return phase.to + (phase.from - phase.to) / 2 * (1 + cosine(.pi * done))
      }
      start = phase.end
    }
    return nil
  }

  @Test(arguments: [false, true])
  func oneCycleIsPyTorchsWhereverPyTorchHasARate(threePhases: Bool) throws {
    for share in [0, 0.01, 0.05, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9, 1] {
      let schedule = try schedule(
        "{name: one-cycle, pct_start: \(share), three_phase: \(threePhases)}")
      for total in 1...60 {
        for step in 0..<total {
          let ours = schedule.learningRate(base: 0.1, step: step, totalSteps: total)
          let theirs = torchOneCycle(
            step: Double(step), total: Double(total), share: share, threePhases: threePhases,
            base: 0.1)
          // Where the rise has no length PyTorch divides by zero.
          #expect(
            isClose(ours, theirs ?? 0.1, relative: 1e-12, absolute: 1e-18),
            "\(share) of \(total), step \(step)")
        }
        let last = schedule.learningRate(base: 0.1, step: total - 1, totalSteps: total)
        #expect(schedule.learningRate(base: 0.1, step: total + 7, totalSteps: total) == last)
      }
    }
  }

  @Test func aRiseOfOneStepHasNoLength() throws {
    let schedule = try schedule("{name: one-cycle, pct_start: 0.25}")
    let rates = (0..<4).map { schedule.learningRate(base: 0.1, step: $0, totalSteps: 4) }
    // A quarter and three quarters of the cosine from 0.1 down to 4e-7.
    for (ours, right) in zip(rates, [0.1, 0.0750001, 0.0250003, 4e-7]) {
      #expect(isClose(ours, right, relative: 1e-9))
    }
  }

  @Test(arguments: ["cosine", "warmup-stable-decay"])
  func aDecayBehindTheWarmUpIsRefused(name: String) {
    let error = #expect(throws: SettingsError.self) {
      try schedule("{name: \(name), warmup_steps: 5, steps: 5}")
    }
    #expect(error?.description.contains("steps: 5 steps leave none for the decay") == true)
  }

  @Test func thoseWithAWarmUpSayHowLongItIs() throws {
    for entry in scheduleCatalog.entries {
      let warms = entry.hyperparameters.contains { $0.name == "warmup_steps" }
      let schedule = try schedule(warms ? "{name: \(entry.name), warmup_steps: 17}" : entry.name)
      #expect(schedule.warmupSteps == (warms ? 17 : 0))
    }
  }

  // MARK: - Plateau

  @Test func aReductionOfExactlyEpsIsLeftOut() throws {
    // PyTorch: `if old_lr - new_lr > self.eps`.
    func rate(eps: String) throws -> Double {
      let schedule = try schedule(
        "{name: reduce-on-plateau, factor: 0.5, patience: 0, eps: \(eps)}")
      var state = schedule.makeState()
      for _ in 0..<2 { schedule.observe(loss: 1, state: &state) }
      return schedule.learningRate(base: 1, step: 2, totalSteps: 9, state: state)
    }
    #expect(try rate(eps: "0.5") == 1)
    #expect(try rate(eps: "0.499") == 0.5)
  }
}
