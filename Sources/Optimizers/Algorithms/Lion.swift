internal import Settings
internal import Tensors

/// Lion (Chen et al., 2023), a rule of signs found by program search.
///
///     u = −η·sign(β₁m + (1 − β₁)g) − ηλθ        m ← m + (1 − β₂)(g − m)
///
/// The authors' semantics and defaults. sign(0) = 0. Deviation from PyTorch's `sign`: sign(NaN) is
/// NaN, so that a broken run shows.
struct Lion: DirectOptimizer, MomentumOptimizer {
  let beta1: Double
  let beta2: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(arrays: [("exp_avg", layout.count)])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    step.writeUpdate(
      Kernel(
        mean: ExponentialMean(state[0], decay: beta2), keep: Lanes(repeating: Float(beta1)),
        gain: Lanes(repeating: Float(1 - beta1)),
        rate: Lanes(repeating: Float(-step.learningRate))),
      weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
    ) { source.transform(momentum: $0) }
  }

  private struct Kernel: DirectionKernel {
    let mean: ExponentialMean
    let keep: Lanes
    let gain: Lanes
    let rate: Lanes

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let direction = keep * place.load(mean.array) + gain * gradient
      _ = mean.take(gradient, at: place)
      return direction
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      rate * signs(of: direction)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var lion: Self {
    CatalogEntry(
      name: "lion", summary: "signs of a mean gradient that leans to the newest",
      reference: "Chen et al., 2023",
      hyperparameters: [
        .learningRate(1e-4),
        Hyperparameter(
          "betas", .numbers(.fraction, count: 2), default: .numbers([0.9, 0.99]),
          scale: .logarithmic, search: [.firstDecay, .secondDecay],
          "share of the mean in the direction, and its decay, β₁ and β₂"),
        .weightDecay(0, "decoupled weight decay, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return Lion(
        beta1: betas[0], beta2: betas[1], weightDecay: WeightDecay(.decoupled, in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
