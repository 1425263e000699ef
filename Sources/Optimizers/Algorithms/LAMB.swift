internal import Settings
internal import Tensors

/// LAMB (You et al., 2020), Adam with a rate for each tensor from its norms.
///
/// At the t-th update, t from 1, for each tensor:
///
///     m ← m + (1 − β₁)(g − m)        v ← β₂v + (1 − β₂)g²
///     d = m/(1 − β₁ᵗ) / (√v/√(1 − β₂ᵗ) + ε) + λθ
///     u = −η·‖θ‖/‖d‖·d, or −ηd where a norm is 0
///
/// The semantics of Optax. Weight decay stands within d and under its norm, as in the paper; Keras has
/// it outside. timm by default clips the gradients to norm 1 before and adapts only where λ ≠ 0: a
/// clip is to be named under `clipping` here. The paper's bound φ on ‖θ‖ is in none of them.
struct LAMB: MomentumOptimizer {
  let adam: Adam

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    adam.makeState(for: layout)
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    // −d, as Adam's update at the learning rate 1.
    let squares = ExponentialMeanSquare(
      state[1], decay: adam.beta2,
      holdsRoots: step.holdsRoots(state[1], count: step.count, flag: &state.numbers[1]))
    let unit = step.with(learningRate: 1)
    unit.writeUpdate(
      Adam.Kernel<SwitchedOff>(adam, unit, state.numbers[0], state[0], squares, state[1]),
      weightDecay: adam.weightDecay, maximize: adam.maximize, splits: source.transformsMomentum
    ) { source.transform(momentum: $0) }
    for tensor in step.layout.tensors {
      let direction = step.update + tensor.offset
      let parameterNorm = Vector.norm(step.parameters + tensor.offset, count: tensor.count)
      let directionNorm = Vector.norm(direction, count: tensor.count)
      let ratio = parameterNorm == 0 || directionNorm == 0 ? 1 : parameterNorm / directionNorm
      Vector.scaleInRange(
        direction, by: step.learningRate * ratio, into: direction, count: tensor.count)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var lamb: Self {
    CatalogEntry(
      name: "lamb", summary: "Adam with a rate for each tensor from its norms",
      reference: "You et al., 2020",
      hyperparameters: [
        .learningRate(0.001), .betas(0.9, 0.999), .eps(1e-6),
        .weightDecay(0.01, "weight decay within the direction, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return LAMB(
        adam: Adam(
          beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"), isAMSGrad: false,
          weightDecay: WeightDecay(.decoupled, in: options),
          maximize: options.boolean("maximize")))
    }
  }
}
