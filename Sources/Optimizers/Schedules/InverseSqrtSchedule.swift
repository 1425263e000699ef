internal import Settings

/// η·√(T/(k + T − W)) from step W = `warmup_steps` on, with T = `timescale`.
///
/// Hugging Face's `get_inverse_sqrt_schedule`, T = W by default and 10,000 without a warm-up, in
/// PyTorch a `LambdaLR`; but the warm-up is that of all schedules here, (k + 1)/W, which Hugging Face
/// starts at 0. Step W has η in both.
struct InverseSqrtSchedule: WarmedSchedule {
  let timescale: Int
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    if let factor = warmup.factor(at: step) { return base * factor }
    let elapsed = Double(step - warmup.steps) + Double(timescale)
    return base / (elapsed / Double(timescale)).squareRoot()
  }
}

extension CatalogEntry where Product == any Schedule {
  static var inverseSqrt: Self {
    CatalogEntry(
      name: "inverse-sqrt", summary: "linear warm-up, then divided by the root of the steps",
      reference: "Zhai, Kolesnikov, Houlsby & Beyer, 2022",
      hyperparameters: [
        .warmupSteps,
        Hyperparameter(
          "timescale", .integer(1 ... .max), default: .none, optional: true, scale: .logarithmic,
          "steps from which the decay is felt, T; null for warmup_steps, or 10000 without"),
      ]
    ) { options throws(HyperparameterError) in
      let warmupSteps = options.integer("warmup_steps")
      let usual = warmupSteps > 0 ? warmupSteps : 10_000
      return InverseSqrtSchedule(
        timescale: options["timescale"] == .none ? usual : options.integer("timescale"),
        warmup: Warmup(steps: warmupSteps))
    }
  }
}
