internal import CVector
internal import Settings
internal import Tensors

/// RAdam (Liu et al., 2020), Adam that waits until its mean square has enough samples.
///
/// At the t-th update, t from 1, with the gradient g (coupled weight decay included: g + λθ):
///
///     m ← m + (1 − β₁)(g − m)        v ← β₂v + (1 − β₂)g²
///     ρ∞ = 2/(1 − β₂) − 1            ρ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ)
///     u = −η/(1 − β₁ᵗ)·m·r·√(1 − β₂ᵗ)/(√v + ε),  r² = (ρ − 4)(ρ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρ)
///
/// where ρ > 5, and u = −η/(1 − β₁ᵗ)·m before (the first five updates at β₂ = 0.999). These are
/// PyTorch's semantics; the authors' code takes ρ ≥ 5 and does not move at all before that. Optax takes
/// ρ ≥ 5 and has ε beside the corrected root, r/(√v/√(1 − β₂ᵗ) + ε), an ε of ε√(1 − β₂ᵗ) here. The early
/// updates are momentum descent at the full rate and may diverge on a stiff loss.
struct RAdam: DirectOptimizer, MomentumOptimizer {
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

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    let updates = state.numbers[0]
    let mean = ExponentialMean(state[0], decay: beta1)
    let squares = ExponentialMeanSquare(
      state[1], decay: beta2,
      holdsRoots: step.holdsRoots(
        state[1], count: step.count, decay: weightDecay, flag: &state.numbers[1]))
    let rate = step.learningRate / (1 - power(beta1, updates))
    if let rectification = varianceRectification(decay: beta2, updates: updates) {
      step.writeUpdate(
        Kernel<SwitchedOn>(
          mean: mean, squares: squares, epsilon: Lanes(repeating: Float(epsilon)),
          rate: Lanes(repeating: Float(-rate * rectification))),
        weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    } else {
      step.writeUpdate(
        Kernel<SwitchedOff>(
          mean: mean, squares: squares, epsilon: Lanes(repeating: Float(epsilon)),
          rate: Lanes(repeating: Float(-rate))),
        weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    }
  }

  private struct Kernel<Rectified: KernelSwitch>: DirectionKernel {
    let mean: ExponentialMean
    let squares: ExponentialMeanSquare
    let epsilon: Lanes
    let rate: Lanes

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      mean.take(gradient, at: place)
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      let root = squares.takeRoot(gradient, at: place)
      guard Rectified.isOn else { return rate * direction }
      return squares.quotient(rate, direction, root + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var radam: Self {
    CatalogEntry(
      name: "radam", summary: "Adam with the variance of its early steps rectified",
      reference: "Liu et al., 2020",
      hyperparameters: [
        .learningRate(0.001), .betas(0.9, 0.999), .eps(1e-8),
        .weightDecay(0, "weight decay, λ"), .weightDecayOn, .decoupledWeightDecay, .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return RAdam(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        weightDecay: .chosen(in: options), maximize: options.boolean("maximize"))
    }
  }
}
