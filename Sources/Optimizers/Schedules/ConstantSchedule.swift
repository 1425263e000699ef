internal import Settings

/// η at every step, after the warm-up.
struct ConstantSchedule: WarmedSchedule {
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    base * (warmup.factor(at: step) ?? 1)
  }
}

extension CatalogEntry where Product == any Schedule {
  static var constant: Self {
    CatalogEntry(
      name: "constant", summary: "the same learning rate at every step",
      reference: "Goyal et al., 2017 (warm-up)", hyperparameters: [.warmupSteps]
    ) { options throws(HyperparameterError) in
      ConstantSchedule(warmup: Warmup(steps: options.integer("warmup_steps")))
    }
  }
}
