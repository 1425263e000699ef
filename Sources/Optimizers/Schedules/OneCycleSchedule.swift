internal import Settings
internal import Tensors

/// Up to η and down below where it began, once over the run (Smith & Topin, 2018).
///
/// From η/`div_factor` to η over the first `pct_start` of N = `total_steps` steps, then to
/// η/`div_factor`/`final_div_factor` at step N − 1; with `three_phase` first down to η/`div_factor`
/// again in as many steps as the rise took. Half cosines, or straight lines with `anneal_strategy:
/// linear`.
///
/// PyTorch's `OneCycleLR` with `max_lr` = η: phases end at the fractional steps `pct_start`·N − 1
/// (and 2·`pct_start`·N − 2) and N − 1, where Optax' peaks and ends one step later. A rise of less than
/// one step, `pct_start`·N < 1, lies before the run: the first step is already on the way down, as in
/// PyTorch. Deviations: momentum is not cycled (`cycle_momentum: false`); after step N − 1 the rate
/// holds, where PyTorch refuses to go on; a rise of exactly one step, `pct_start`·N = 1, has no length
/// and ends where it begins, so step 0 has η, where PyTorch divides by zero.
struct OneCycleSchedule: Schedule {
  let totalSteps: Int?
  let riseShare: Double
  let isLinear: Bool
  let divisor: Double
  let finalDivisor: Double
  let hasThreePhases: Bool

  func learningRate(base: Double, step: Int, totalSteps plannedSteps: Int) -> Double {
    let total = Double(totalSteps ?? plannedSteps)
    let end = total - 1
    let step = min(Double(step), end)
    let initial = base / divisor
    let final = initial / finalDivisor
    let rise = riseShare * total - 1
    if step <= rise { return rise > 0 ? between(initial, base, at: step / rise) : base }
    guard hasThreePhases else { return part(base, final, of: step, from: rise, to: end) }
    let fall = 2 * riseShare * total - 2
    if step <= fall { return part(base, initial, of: step, from: rise, to: fall) }
    return part(initial, final, of: step, from: fall, to: end)
  }

  private func part(
    _ first: Double, _ last: Double, of step: Double, from start: Double, to end: Double
  ) -> Double {
    step < end ? between(first, last, at: (step - start) / (end - start)) : last
  }

  private func between(_ first: Double, _ last: Double, at share: Double) -> Double {
    isLinear
      ? (last - first) * share + first
      : last + (first - last) / 2 * (1 + cosine(Double.pi * share))
  }
}

extension CatalogEntry where Product == any Schedule {
  static var oneCycle: Self {
    CatalogEntry(
      name: "one-cycle", summary: "up to the learning rate and far down again, once over the run",
      reference: "Smith & Topin, 2018",
      hyperparameters: [
        Hyperparameter(
          "pct_start", .number(.unit), default: .number(0.3), "share of the steps that rise"),
        Hyperparameter(
          "anneal_strategy", .choice(["cos", "linear"]), default: .text("cos"),
          "half cosines or straight lines"),
        Hyperparameter(
          "div_factor", .number(.positive), default: .number(25), scale: .logarithmic,
          "the learning rate over the initial one"),
        Hyperparameter(
          "final_div_factor", .number(.positive), default: .number(1e4), scale: .logarithmic,
          "the initial learning rate over the final one"),
        Hyperparameter(
          "three_phase", .boolean, default: .boolean(false),
          "down to the initial learning rate first, then to the final one"),
        Hyperparameter(
          "total_steps", .integer(1 ... .max), default: .none, optional: true,
          "the step count at which the cycle ends, N; null for the whole run"),
      ]
    ) { options throws(HyperparameterError) in
      OneCycleSchedule(
        totalSteps: options["total_steps"] == .none ? nil : options.integer("total_steps"),
        riseShare: options.number("pct_start"),
        isLinear: options.text("anneal_strategy") == "linear",
        divisor: options.number("div_factor"), finalDivisor: options.number("final_div_factor"),
        hasThreePhases: options.boolean("three_phase"))
    }
  }
}
