internal import Settings
internal import Tensors

/// (η − η_min)·(1 − k/T)^p + η_min at step k, counted from the end of the warm-up, and η_min from
/// step T = `total_iters` on; p = `power`.
///
/// PyTorch's `PolynomialLR(total_iters: T, power: p)` for `minimum` 0, and Keras' `PolynomialDecay`
/// and Optax' `polynomial_schedule` with it. Without `total_iters`, T = N − 1 − W for a run of N steps
/// with a warm-up of W: the last step has the minimum, as with `cosine`.
struct PolynomialSchedule: WarmedSchedule {
  let totalIterations: Int?
  let exponent: Double
  let minimum: Double
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    if let factor = warmup.factor(at: step) { return base * factor }
    let done = step - warmup.steps
    if done == 0 { return base }
    let span = totalIterations ?? (totalSteps - 1 - warmup.steps)
    if done >= span { return minimum }
    return (base - minimum) * power(1 - Double(done) / Double(span), exponent) + minimum
  }
}

extension CatalogEntry where Product == any Schedule {
  static var polynomial: Self {
    CatalogEntry(
      name: "polynomial", summary: "linear warm-up, then a power of the share of steps left",
      reference: "Chen, Papandreou, Kokkinos, Murphy & Yuille, 2018",
      hyperparameters: [
        Hyperparameter(
          "power", .number(.positive), default: .number(1), "exponent of the decay, p"),
        Hyperparameter(
          "total_iters", .integer(1 ... .max), default: .none, optional: true,
          "steps of the decay, T; null for the rest of the run"),
        Hyperparameter(
          "minimum", .number(.nonnegative), default: .number(0), scale: .logarithmic,
          "the learning rate at the end, η_min"),
        .warmupSteps,
      ]
    ) { options throws(HyperparameterError) in
      PolynomialSchedule(
        totalIterations: options["total_iters"] == .none ? nil : options.integer("total_iters"),
        exponent: options.number("power"), minimum: options.number("minimum"),
        warmup: Warmup(steps: options.integer("warmup_steps")))
    }
  }
}
