internal import Settings

/// η/(1 + r·k/s) at step k, counted from the end of the warm-up, with r = `decay_rate` and
/// s = `decay_steps`; η/(1 + r·⌊k/s⌋) with `staircase` (Robbins & Monro, 1951).
///
/// Keras' `InverseTimeDecay`; PyTorch has none.
struct InverseTimeSchedule: WarmedSchedule {
  let decayRate: Double
  let decaySteps: Int
  let isStaircase: Bool
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    if let factor = warmup.factor(at: step) { return base * factor }
    let done = step - warmup.steps
    let periods =
      isStaircase ? Double(done / decaySteps) : Double(done) / Double(decaySteps)
    return base / (1 + decayRate * periods)
  }
}

extension CatalogEntry where Product == any Schedule {
  static var inverseTime: Self {
    CatalogEntry(
      name: "inverse-time", summary: "divided by a number that grows linearly with the steps",
      reference: "Robbins & Monro, 1951; Chollet et al., 2015 (Keras)",
      hyperparameters: [
        Hyperparameter(
          "decay_rate", .number(.nonnegative), default: .number(1), scale: .logarithmic,
          "growth of the divisor in decay_steps, r"),
        Hyperparameter(
          "decay_steps", .integer(1 ... .max), default: .integer(1000), scale: .logarithmic,
          "steps in which the divisor grows by decay_rate, s"),
        Hyperparameter(
          "staircase", .boolean, default: .boolean(false), "change every decay_steps steps only"),
        .warmupSteps,
      ]
    ) { options throws(HyperparameterError) in
      InverseTimeSchedule(
        decayRate: options.number("decay_rate"), decaySteps: options.integer("decay_steps"),
        isStaircase: options.boolean("staircase"),
        warmup: Warmup(steps: options.integer("warmup_steps")))
    }
  }
}
