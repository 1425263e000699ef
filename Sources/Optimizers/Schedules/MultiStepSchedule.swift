internal import Settings
internal import Tensors

/// η·γ^m at step k, where m is the number of milestones ≤ k; steps count from the end of the warm-up.
///
/// PyTorch's `MultiStepLR` stepped once per update: the rate changes *at* the milestone, as in Optax'
/// `piecewise_constant_schedule`, where Keras' `PiecewiseConstantDecay` keeps the old one for that
/// step. A milestone given twice counts twice.
struct MultiStepSchedule: WarmedSchedule {
  let milestones: [Int]
  let gamma: Double
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    if let factor = warmup.factor(at: step) { return base * factor }
    let done = step - warmup.steps
    var reductions = 0
    for milestone in milestones where milestone <= done { reductions += 1 }
    return base * power(gamma, Double(reductions))
  }
}

extension CatalogEntry where Product == any Schedule {
  static var multiStep: Self {
    CatalogEntry(
      name: "multi-step", summary: "multiplied by gamma at each milestone",
      reference: "He, Zhang, Ren & Sun, 2016",
      hyperparameters: [
        Hyperparameter(
          "milestones", .numbers(NumberRange(lower: 1), count: nil),
          default: .numbers([1000, 2000]), "the steps from which a reduction holds, whole numbers"),
        Hyperparameter(
          "gamma", .number(.positive), default: .number(0.1), scale: .logarithmic,
          "factor of each reduction, γ"),
        .warmupSteps,
      ]
    ) { options throws(HyperparameterError) in
      var milestones: [Int] = []
      for value in options.numbers("milestones") {
        guard let milestone = Int(exactly: value) else {
          throw HyperparameterError(
            "milestones", "\(numberLabel(value)) is no step; allowed: whole numbers ≥ 1")
        }
        milestones.append(milestone)
      }
      return MultiStepSchedule(
        milestones: milestones, gamma: options.number("gamma"),
        warmup: Warmup(steps: options.integer("warmup_steps")))
    }
  }
}
