internal import Settings
internal import Tensors

/// Half a cosine from η towards a minimum, again and again: SGDR's warm restarts (Loshchilov &
/// Hutter, 2017).
///
///     η_min + ½(η − η_min)(1 + cos(π·j/Tᵢ))   at the j-th step of period i,   Tᵢ = T₀·T_multⁱ
///
/// counted from the end of the warm-up: PyTorch's `CosineAnnealingWarmRestarts` stepped once per
/// update. The last step of a period stays above the minimum and the next one has η again.
struct CosineRestartsSchedule: WarmedSchedule {
  let firstPeriod: Int
  let multiplier: Int
  let minimum: Double
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    if let factor = warmup.factor(at: step) { return base * factor }
    var done = step - warmup.steps
    var period = firstPeriod
    if multiplier == 1 { done %= period }
    while done >= period {
      done -= period
      let (longer, overflows) = period.multipliedReportingOverflow(by: multiplier)
      period = overflows ? .max : longer
    }
    return minimum
      + 0.5 * (base - minimum) * (1 + cosine(Double.pi * Double(done) / Double(period)))
  }
}

extension CatalogEntry where Product == any Schedule {
  static var cosineRestarts: Self {
    CatalogEntry(
      name: "cosine-restarts", summary: "half a cosine down to a minimum, started again and again",
      reference: "Loshchilov & Hutter, 2017",
      hyperparameters: [
        Hyperparameter(
          "T_0", .integer(1 ... .max), default: .integer(1000), scale: .logarithmic,
          "steps of the first period, T₀"),
        Hyperparameter(
          "T_mult", .integer(1 ... .max), default: .integer(1),
          "how many times as long as the one before a period is"),
        Hyperparameter(
          "minimum", .number(.nonnegative), default: .number(0), scale: .logarithmic,
          "the learning rate that a period falls to, η_min"),
        .warmupSteps,
      ]
    ) { options throws(HyperparameterError) in
      CosineRestartsSchedule(
        firstPeriod: options.integer("T_0"), multiplier: options.integer("T_mult"),
        minimum: options.number("minimum"),
        warmup: Warmup(steps: options.integer("warmup_steps")))
    }
  }
}
