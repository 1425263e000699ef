internal import CVector
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
struct LAMB: Optimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("exp_avg", layout.count), ("exp_avg_sq", layout.count)], numbers: [("updates", 0)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    state.numbers[0] += 1
    let updates = state.numbers[0]
    let meanCorrection = 1 - power(beta1, updates)
    let rootCorrection = 1 / (1 - power(beta2, updates)).squareRoot()
    // −d, as the update at the learning rate 1.
    step.with(learningRate: 1).writeUpdate(
      Kernel(
        mean: ExponentialMean(state[0], decay: beta1),
        squares: ExponentialMeanSquare(state[1], decay: beta2),
        rootCorrection: Lanes(repeating: Float(rootCorrection)),
        epsilon: Lanes(repeating: Float(epsilon)),
        rate: Lanes(repeating: Float(-1 / meanCorrection))),
      weightDecay: weightDecay, maximize: maximize)
    for tensor in step.layout.tensors {
      let direction = step.update + tensor.offset
      let parameterNorm = Vector.norm(step.parameters + tensor.offset, count: tensor.count)
      let directionNorm = Vector.norm(direction, count: tensor.count)
      let ratio = parameterNorm == 0 || directionNorm == 0 ? 1 : parameterNorm / directionNorm
      Vector.scale(
        direction, by: Float(step.learningRate * ratio), into: direction, count: tensor.count)
    }
  }

  private struct Kernel: UpdateKernel {
    let mean: ExponentialMean
    let squares: ExponentialMeanSquare
    let rootCorrection: Lanes
    let epsilon: Lanes
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let average = mean.take(gradient, at: place)
      let square = squares.take(gradient, at: place)
      return rate * average / (cvector_sqrt(square) * rootCorrection + epsilon)
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
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        weightDecay: WeightDecay(.decoupled, in: options), maximize: options.boolean("maximize"))
    }
  }
}
