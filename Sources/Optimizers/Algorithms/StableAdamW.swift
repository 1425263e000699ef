internal import CVector
internal import Settings
internal import Tensors

/// StableAdamW (Wortsman et al., 2023), AdamW that slows down a tensor whose squares lag behind.
///
/// At the t-th update, t from 1, for each tensor of n elements:
///
///     b₁ = (β₁ᵗ − β₁)/(β₁ᵗ − 1), b₂ likewise: decays that need no bias correction
///     m ← m + (1 − b₁)(g − m)        v ← b₂v + (1 − b₂)g²
///     R² = Σ g²/max(v, ε²) / n       ηₜ = η/max(1, R)
///     u = −ηₜm/(√v + ε) − ηₜλθ
///
/// The semantics of optimi, with its defaults: the update clipping of Adafactor on AdamW.
struct StableAdamW: Optimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("exp_avg", layout.count), ("exp_avg_sq", layout.count)],
      numbers: [("updates", 0), Roots.flag(epsilon: epsilon, decay: beta2)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    state.numbers[0] += 1
    let updates = state.numbers[0]
    let holdsRoots = step.holdsRoots(state[1], count: step.count, flag: &state.numbers[1])
    let first = MomentKernel(
      mean: ExponentialMean(state[0], decay: debiased(beta1, updates)),
      squares: ExponentialMeanSquare(
        state[1], decay: debiased(beta2, updates), holdsRoots: holdsRoots),
      epsilon: Lanes(repeating: Float(epsilon)))
    // The gradient over its root mean square stands in the update until its norm is known.
    step.writeUpdate(first, maximize: maximize)
    for tensor in step.layout.tensors {
      let excess = Vector.norm(step.update + tensor.offset, count: tensor.count)
      let ratio = excess / Double(tensor.count).squareRoot()
      let rate = step.learningRate / (ratio > 1 ? ratio : 1)
      step.with(learningRate: rate).writeUpdate(
        of: tensor,
        StepKernel(
          mean: state[0],
          squares: ExponentialMeanSquare(state[1], decay: beta2, holdsRoots: holdsRoots),
          epsilon: Lanes(repeating: Float(epsilon)),
          rate: Lanes(repeating: Float(-rate))),
        weightDecay: weightDecay)
    }
  }

  private func debiased(_ beta: Double, _ updates: Double) -> Double {
    let decayed = power(beta, updates)
    return (decayed - beta) / (decayed - 1)
  }

  private struct MomentKernel: UpdateKernel {
    let mean: ExponentialMean
    let squares: ExponentialMeanSquare
    let epsilon: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      _ = mean.take(gradient, at: place)
      var root = squares.takeRoot(gradient, at: place)
      root.replace(with: epsilon, where: root .< epsilon)
      return gradient / root
    }
  }

  private struct StepKernel: UpdateKernel {
    let mean: UnsafeMutablePointer<Float>
    let squares: ExponentialMeanSquare
    let epsilon: Lanes
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      squares.quotient(rate, place.load(mean), squares.root(at: place) + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var stableadamw: Self {
    CatalogEntry(
      name: "stableadamw", summary: "AdamW with the update clipping of Adafactor",
      reference: "Wortsman et al., 2023",
      hyperparameters: [
        .learningRate(0.001), .betas(0.9, 0.99), .eps(1e-6),
        .weightDecay(0.01, "decoupled weight decay, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return StableAdamW(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        weightDecay: WeightDecay(.decoupled, in: options), maximize: options.boolean("maximize"))
    }
  }
}
