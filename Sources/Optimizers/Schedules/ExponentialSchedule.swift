internal import Settings
internal import Tensors

/// η·γᵏ at step k, counted from the end of the warm-up.
///
/// PyTorch's `ExponentialLR` stepped once per update. Keras and Optax write γ as r^(1/s) with a decay
/// rate r for s steps.
struct ExponentialSchedule: WarmedSchedule {
  let gamma: Double
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    if let factor = warmup.factor(at: step) { return base * factor }
    return base * power(gamma, Double(step - warmup.steps))
  }
}

extension CatalogEntry where Product == any Schedule {
  static var exponential: Self {
    CatalogEntry(
      name: "exponential", summary: "multiplied by gamma after every step",
      reference: "Senior, Heigold, Ranzato & Yang, 2013",
      hyperparameters: [
        Hyperparameter(
          "gamma", .number(NumberRange(lower: 0, includesLower: false, upper: 1)),
          default: .number(0.999), scale: .logarithmic, "factor of each step, γ"),
        .warmupSteps,
      ]
    ) { options throws(HyperparameterError) in
      ExponentialSchedule(
        gamma: options.number("gamma"), warmup: Warmup(steps: options.integer("warmup_steps")))
    }
  }
}
