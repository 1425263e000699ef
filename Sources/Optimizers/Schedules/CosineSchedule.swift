internal import Settings
internal import Tensors

/// Half a cosine from η down to a minimum (Loshchilov & Hutter, 2017, without restarts), after a
/// linear warm-up, and the minimum from then on.
///
/// With N = `steps` (the run's planned steps by default) and W = `warmup_steps`, at step k:
///
///     k < W            η·(k + 1)/W
///     W ≤ k ≤ N − 1    η_min + ½(η − η_min)(1 + cos πp),  p = (k − W)/(N − 1 − W)
///     k ≥ N            η_min
///
/// so step W has η and the last step has η_min exactly. PyTorch: `CosineAnnealingLR(T_max: N − 1 − W,
/// eta_min:)`, after `LinearLR` in a `SequentialLR` where there is a warm-up; but PyTorch's rises
/// again after T_max, and this one holds. N includes the warm-up as in Optax (in Keras it does not),
/// and ends one step earlier than Optax and Keras, whose minimum belongs to step N, which a run of N
/// steps never takes. `minimum` is a learning rate as in PyTorch, not a fraction of η; above η it is
/// approached from below. A decay of a single step (N = W + 1) keeps η.
struct CosineSchedule: WarmedSchedule {
  let steps: Int?
  let minimum: Double
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    if let factor = warmup.factor(at: step) { return base * factor }
    let last = (steps ?? totalSteps) - 1
    let done = step - warmup.steps
    let span = last - warmup.steps
    if done <= 0 { return base }
    if step >= last { return minimum }
    return minimum
      + 0.5 * (base - minimum) * (1 + cosine(Double.pi * Double(done) / Double(span)))
  }
}

extension CatalogEntry where Product == any Schedule {
  static var cosine: Self {
    CatalogEntry(
      name: "cosine", summary: "linear warm-up, then half a cosine down to a minimum",
      reference: "Loshchilov & Hutter, 2017",
      hyperparameters: [
        .warmupSteps,
        Hyperparameter(
          "minimum", .number(.nonnegative), default: .number(0), scale: .logarithmic,
          "the learning rate at the end, η_min"),
        Hyperparameter(
          "steps", .integer(1 ... .max), default: .none, optional: true,
          "the step count at which the minimum is reached, warm-up included, N; "
            + "null for the whole run"),
      ]
    ) { options throws(HyperparameterError) in
      let warmup = Warmup(steps: options.integer("warmup_steps"))
      return CosineSchedule(
        steps: try warmup.stepsBeyond(options), minimum: options.number("minimum"), warmup: warmup)
    }
  }
}
