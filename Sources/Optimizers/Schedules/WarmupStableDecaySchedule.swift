internal import Settings
internal import Tensors

/// Warm-up, η for most of the run, then a decay over the last D = `decay_steps` steps (WSD; Hu et al.,
/// 2024; Hägele et al., 2024).
///
/// For N = `steps` (the run's planned steps by default), at step k with the share
/// p = (k − (N − 1 − D))/D of the decay that is done:
///
///     η_min + (η − η_min)·f(p),   f = ½(1 + cos πp) for cosine, 1 − p for linear, 1 − √p for 1-sqrt
///
/// f = 1 before, and η_min from step N − 1 on, so that the last step has the minimum as with
/// `cosine`. The formulas are Hugging Face's `get_wsd_schedule` with
/// `num_stable_steps` = N − 1 − D − W, whose minimum is a share of η, where `minimum` is a learning
/// rate. A decay that would begin within the warm-up begins at its end; one of a single step
/// (N = W + 1) keeps η, as with `cosine`.
struct WarmupStableDecaySchedule: WarmedSchedule {
  enum Decay: String, Sendable, CaseIterable {
    case cosine, linear
    case inverseSquareRoot = "1-sqrt"

    /// The share of the way from the minimum to η that is left.
    func remaining(_ done: Double) -> Double {
      switch self {
      case .cosine: 0.5 * (1 + Tensors.cosine(Double.pi * done))
      case .linear: 1 - done
      case .inverseSquareRoot: 1 - done.squareRoot()
      }
    }
  }

  let steps: Int?
  let decaySteps: Int?
  let decay: Decay
  let minimum: Double
  let warmup: Warmup

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    if let factor = warmup.factor(at: step) { return base * factor }
    let total = steps ?? totalSteps
    let last = total - 1
    let start = max(last - (decaySteps ?? max(total / 5, 1)), warmup.steps)
    if step <= start { return base }
    if step >= last { return minimum }
    let done = Double(step - start) / Double(last - start)
    return minimum + (base - minimum) * decay.remaining(done)
  }
}

extension CatalogEntry where Product == any Schedule {
  static var warmupStableDecay: Self {
    CatalogEntry(
      name: "warmup-stable-decay", summary: "linear warm-up, a constant rate, then a short decay",
      reference: "Hu et al., 2024; Hägele et al., 2024",
      hyperparameters: [
        .warmupSteps,
        Hyperparameter(
          "decay_steps", .integer(1 ... .max), default: .none, optional: true,
          "steps of the decay, D; null for a fifth of all"),
        Hyperparameter(
          "decay_type", .choice(WarmupStableDecaySchedule.Decay.allCases.map(\.rawValue)),
          default: .text("cosine"), "the shape of the decay"),
        Hyperparameter(
          "minimum", .number(.nonnegative), default: .number(0), scale: .logarithmic,
          "the learning rate at the end, η_min"),
        Hyperparameter(
          "steps", .integer(1 ... .max), default: .none, optional: true,
          "the step count at which the minimum is reached, warm-up included, N; "
            + "null for the whole run"),
      ]
    ) { options throws(HyperparameterError) in
      guard let decay = WarmupStableDecaySchedule.Decay(rawValue: options.text("decay_type")) else {
        preconditionFailure("the option allows the cases alone")
      }
      let warmup = Warmup(steps: options.integer("warmup_steps"))
      let steps = try warmup.stepsBeyond(options)
      return WarmupStableDecaySchedule(
        steps: steps,
        decaySteps: options["decay_steps"] == .none ? nil : options.integer("decay_steps"),
        decay: decay, minimum: options.number("minimum"), warmup: warmup)
    }
  }
}
