internal import Optimizers
internal import Problems
internal import Settings

/// Looks through the learning rates of an experiment before it begins: a run that fails of a rate
/// that is no number would be booked on its optimizer.
struct ScheduleCheck {
  private let spec: ExperimentSpec

  init(_ spec: ExperimentSpec) { self.spec = spec }

  /// What is allowed and yet hardly meant.
  ///
  /// - Parameter steps: How long the runs of each problem train.
  /// - Throws: `PlanError` for a rate, or a schedule with one, that no optimizer can use.
  func warnings(
    on problems: [any TestProblem], for steps: [Int]
  ) throws(PlanError) -> [String] {
    var warnings: [String] = []
    // Rates grow with the base rate, so the greatest stands for all of a schedule.
    var schedules: [(choice: ScheduleChoice, base: Double)] = []
    for optimizer in spec.optimizers {
      let choice = optimizer.schedule ?? spec.schedule
      let rates = (optimizer.learningRates ?? spec.learningRates)?.values ?? []
      if let lost = rates.first(where: { $0 < Double(Float.leastNormalMagnitude) }) {
        throw PlanError(
          "optimizer '\(optimizer.label)': the learning rate \(numberLabel(lost)) counts as 0 in 32-bit "
            + "floats, so that its runs would never move; allowed: from 1.2e-38")
      }
      let base = rates.max() ?? 0
      if let index = schedules.firstIndex(where: { $0.choice.label == choice.label }) {
        schedules[index].base = max(schedules[index].base, base)
      } else {
        schedules.append((choice, base))
      }
    }
    for (problem, steps) in zip(problems, steps) {
      for (choice, base) in schedules {
        try refuseUnusableRates(of: choice, base: base, on: problem.name, steps: steps)
        let warmup = choice.schedule.warmupSteps
        guard warmup > steps else { continue }
        warnings.append(
          "schedule '\(choice.choice.entry.name)': its \(warmup) steps of warm-up (warmup_steps) "
            + "exceed the \(steps) steps of problem '\(problem.name)', whose runs never reach the "
            + "full learning rate")
      }
    }
    return warnings
  }

  private func refuseUnusableRates(
    of choice: ScheduleChoice, base: Double, on problem: String, steps: Int
  ) throws(PlanError) {
    let schedule = choice.schedule
    guard let step = schedule.firstUnusableStep(base: base, totalSteps: steps) else { return }
    let rate = schedule.learningRate(base: base, step: step, totalSteps: steps)
    throw PlanError(
      "schedule '\(choice.choice.entry.name)': from \(numberLabel(base)) the learning rate becomes "
        + "\(numberLabel(rate)) at step \(step) of \(steps) on problem '\(problem)'; allowed: from 0 to "
        + "3.4e38 at every step. Change the schedule's options or the learning rate")
  }
}
