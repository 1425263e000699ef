internal import Settings
internal import Tensors

/// η·γ^⌊k/s⌋ at step k, counted from the end of the warm-up.
///
/// PyTorch's `StepLR` stepped once per update, and with a warm-up `SequentialLR([LinearLR, StepLR])`,
/// which also starts the second count at its milestone.
struct StepSchedule: WarmedSchedule {
  let stepSize: Int
  let gamma: Double
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    if let factor = warmup.factor(at: step) { return base * factor }
    return base * power(gamma, Double((step - warmup.steps) / stepSize))
  }
}

extension CatalogEntry where Product == any Schedule {
  static var step: Self {
    CatalogEntry(
      name: "step", summary: "multiplied by gamma after every step_size steps",
      reference: "Krizhevsky, Sutskever & Hinton, 2012",
      hyperparameters: [
        Hyperparameter(
          "step_size", .integer(1 ... .max), default: .integer(1000),
          "steps between two reductions, s"),
        Hyperparameter(
          "gamma", .number(.positive), default: .number(0.1), scale: .logarithmic,
          "factor of each reduction, γ"),
        .warmupSteps,
      ]
    ) { options throws(HyperparameterError) in
      StepSchedule(
        stepSize: options.integer("step_size"), gamma: options.number("gamma"),
        warmup: Warmup(steps: options.integer("warmup_steps")))
    }
  }
}
