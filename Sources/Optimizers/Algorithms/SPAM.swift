internal import CVector
internal import Settings
internal import Tensors

/// SPAM (Huang et al., 2025), Adam that clips spikes by its mean square and forgets its momentum from
/// time to time.
///
/// At the t-th update, t from 1, with the update counted from the last reset k = t mod ΔT:
///
///     m, v ← 0                            where k = 0
///     g ← sign(g)·√(Θv)                   where g² > Θv, t ≥ A and k ≥ A
///     m ← m + (1 − β₁)(g − m)        v ← β₂v + (1 − β₂)g²
///     u = −ηs·√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε),   s = 1 − 0.99·½(1 + cos(πk/(W + 1)))
///
/// with s = 1 before the first reset and where k ≥ W, then θ ← (1 − ηλ)(θ + u). Θ = `threshold`
/// (0 for none), A = `grad_accu_steps`, ΔT = `update_proj_gap`, W = `warmup_epoch`, as the authors'
/// code calls them. As there, a reset does not restart the bias corrections, and a coordinate whose v
/// is 0 has any gradient clipped to 0 once t and k reach A. The authors' sparse masks
/// (`density` < 1) are not part of this.
struct SPAM: Optimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let threshold: Double
  let patience: Int
  let resetEvery: Int
  let warmup: Int
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("exp_avg", layout.count), ("exp_avg_sq", layout.count)],
      numbers: [("updates", 0), Roots.flag(epsilon: epsilon, decay: beta2)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    state.numbers[0] += 1
    let updates = Int(state.numbers[0])
    let sinceReset = updates % resetEvery
    if sinceReset == 0 {
      state.arrays[0].fill(0)
      state.arrays[1].fill(0)
    }
    let correction =
      (1 - power(beta2, Double(updates))).squareRoot() / (1 - power(beta1, Double(updates)))
    let scale = updates < resetEvery ? 1 : warmupScale(at: sinceReset)
    let rate = step.learningRate * scale * correction
    let squares = ExponentialMeanSquare(
      state[1], decay: beta2,
      holdsRoots: step.holdsRoots(state[1], count: step.count, flag: &state.numbers[1]))
    if threshold != 0, updates >= patience, sinceReset >= patience {
      step.writeUpdate(
        Kernel<SwitchedOn>(self, state[0], squares, rate: rate), weightDecay: weightDecay,
        maximize: maximize)
    } else {
      step.writeUpdate(
        Kernel<SwitchedOff>(self, state[0], squares, rate: rate), weightDecay: weightDecay,
        maximize: maximize)
    }
  }

  /// s.
  private func warmupScale(at sinceReset: Int) -> Double {
    guard sinceReset < warmup else { return 1 }
    return 1 - 0.99 * 0.5 * (1 + cosine(.pi * Double(sinceReset) / Double(warmup + 1)))
  }

  private struct Kernel<Clips: KernelSwitch>: UpdateKernel {
    let mean: ExponentialMean
    let squares: ExponentialMeanSquare
    /// Θ, or √Θ where the memory holds roots.
    let threshold: Lanes
    let epsilon: Lanes
    let rate: Lanes

    init(
      _ rule: SPAM, _ mean: UnsafeMutablePointer<Float>, _ squares: ExponentialMeanSquare,
      rate: Double
    ) {
      self.mean = ExponentialMean(mean, decay: rule.beta1)
      self.squares = squares
      threshold = Lanes(
        repeating: Float(squares.holdsRoots ? rule.threshold.squareRoot() : rule.threshold))
      epsilon = Lanes(repeating: Float(rule.epsilon))
      self.rate = Lanes(repeating: Float(-rate))
    }

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      var taken = gradient
      if Clips.isOn {
        let limit = threshold * place.load(squares.array)
        if squares.holdsRoots {
          taken.replace(
            with: signs(of: gradient) * limit, where: cvector_abs(gradient) .> limit)
        } else {
          taken.replace(
            with: signs(of: gradient) * cvector_sqrt(limit), where: gradient * gradient .> limit)
        }
      }
      let average = mean.take(taken, at: place)
      return squares.quotient(rate, average, squares.takeRoot(taken, at: place) + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var spam: Self {
    CatalogEntry(
      name: "spam", summary: "Adam with clipped spikes and momentum resets",
      reference: "Huang et al., 2025",
      hyperparameters: [
        .learningRate(0.001), .betas(0.9, 0.999), .eps(1e-6),
        Hyperparameter(
          "threshold", .number(.nonnegative), default: .number(5000), scale: .logarithmic,
          "squared gradient over mean square that counts as a spike, Θ; 0 for none"),
        Hyperparameter(
          "grad_accu_steps", .integer(0...Int.max), default: .integer(20),
          "updates after the start and each reset without clipping, A"),
        Hyperparameter(
          "update_proj_gap", .integer(1...Int.max), default: .integer(500), scale: .logarithmic,
          "updates between resets, ΔT"),
        Hyperparameter(
          "warmup_epoch", .integer(0...Int.max), default: .integer(150),
          "updates of warm-up after a reset, W"),
        .weightDecay(0, "weight decay after the update, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return SPAM(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        threshold: options.number("threshold"), patience: options.integer("grad_accu_steps"),
        resetEvery: options.integer("update_proj_gap"), warmup: options.integer("warmup_epoch"),
        weightDecay: WeightDecay(.subsequent, in: options), maximize: options.boolean("maximize"))
    }
  }
}
