internal import CVector
internal import Settings
internal import Tensors

/// AdaMax (Kingma & Ba, 2015), Adam with the largest gradient in place of the mean square.
///
/// At the t-th update, t from 1, with the gradient g (weight decay included: g + λθ):
///
///     m ← m + (1 − β₁)(g − m)        n ← max(β₂n, |g| + ε)        u = −η/(1 − β₁ᵗ) · m/n
///
/// These are PyTorch's semantics: ε within the maximum and none in the quotient, so `eps: 0` gives NaN
/// for a coordinate that never had a gradient. Keras has ε in the quotient: n ← max(β₂n, |g|) and
/// u = −η/(1 − β₁ᵗ)·m/(n + ε). Optax is as PyTorch.
struct Adamax: DirectOptimizer, MomentumOptimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("exp_avg", layout.count), ("exp_inf", layout.count)], numbers: [("updates", 0)])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    let rate = step.learningRate / (1 - power(beta1, state.numbers[0]))
    step.writeUpdate(
      Kernel(
        mean: ExponentialMean(state[0], decay: beta1), largest: state[1],
        decay: Lanes(repeating: Float(beta2)), epsilon: Lanes(repeating: Float(epsilon)),
        // Where ε is too small to drown it, the product of rate and mean alone may be flushed.
        dividesFirst: epsilon < 1e-20, rate: Lanes(repeating: Float(-rate))),
      weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
    ) { source.transform(momentum: $0) }
  }

  private struct Kernel: DirectionKernel {
    let mean: ExponentialMean
    let largest: UnsafeMutablePointer<Float>
    let decay: Lanes
    let epsilon: Lanes
    let dividesFirst: Bool
    let rate: Lanes

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      mean.take(gradient, at: place)
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      let before = decay * place.load(largest)
      var norm = cvector_abs(gradient) + epsilon
      // A NaN gradient becomes the maximum, and a NaN maximum stays, as in PyTorch.
      norm.replace(with: before, where: (before .> norm) .| (before .!= before))
      place.store(norm, largest)
      return dividesFirst ? rate * (direction / norm) : rate * direction / norm
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var adamax: Self {
    CatalogEntry(
      name: "adamax", summary: "Adam with the largest gradient in place of the mean square",
      reference: "Kingma & Ba, 2015",
      hyperparameters: [
        .learningRate(0.002), .betas(0.9, 0.999), .eps(1e-8),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn, .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return Adamax(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        weightDecay: WeightDecay(.coupled, in: options), maximize: options.boolean("maximize"))
    }
  }
}
