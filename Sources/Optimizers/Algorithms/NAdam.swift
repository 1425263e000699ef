internal import CVector
internal import Settings
internal import Tensors

/// NAdam (Dozat, 2016), Adam with Nesterov momentum and Dozat's momentum schedule.
///
/// At the t-th update, t from 1, with the gradient g (coupled weight decay included: g + λθ):
///
///     μₜ = β₁(1 − ½·0.96^{tψ})        Πₜ = μ₁μ₂…μₜ
///     m ← m + (1 − β₁)(g − m)         v ← β₂v + (1 − β₂)g²
///     u = −η[(1 − μₜ)/(1 − Πₜ)·g + μₜ₊₁/(1 − Πₜμₜ₊₁)·m] / (√v/√(1 − β₂ᵗ) + ε)
///
/// with ψ = `momentum_decay`. These are PyTorch's semantics (ψ = 0.004). Keras has ψ = 1 in the same
/// formula. Optax' `nadam` has no momentum schedule: it is the limit of large ψ, in which μₜ = β₁ and
/// u = −η[(1 − β₁)/(1 − β₁ᵗ)·g + β₁/(1 − β₁ᵗ⁺¹)·m]/(√v/√(1 − β₂ᵗ) + ε). timm has 1 − β₁ᵗ under both
/// terms: three different algorithms.
struct NAdam: DirectOptimizer, MomentumOptimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let momentumDecay: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("exp_avg", layout.count), ("exp_avg_sq", layout.count)],
      numbers: [
        ("updates", 0), ("mu_product", 1), Roots.flag(epsilon: epsilon, decay: beta2),
      ])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    let updates = state.numbers[0]
    let momentum = momentum(at: updates)
    let next = self.momentum(at: updates + 1)
    state.numbers[1] *= momentum
    let product = state.numbers[1]
    let gradientRate = step.learningRate * (1 - momentum) / (1 - product)
    let meanRate = step.learningRate * next / (1 - product * next)
    let rootCorrection = 1 / (1 - power(beta2, updates)).squareRoot()
    step.writeUpdate(
      Kernel(
        mean: ExponentialMean(state[0], decay: beta1),
        squares: ExponentialMeanSquare(
          state[1], decay: beta2,
          holdsRoots: step.holdsRoots(
            state[1], count: step.count, decay: weightDecay, flag: &state.numbers[2])),
        rootCorrection: Lanes(repeating: Float(rootCorrection)),
        epsilon: Lanes(repeating: Float(epsilon)),
        gradientRate: Lanes(repeating: Float(-gradientRate)),
        meanRate: Lanes(repeating: Float(-meanRate))),
      weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
    ) { source.transform(momentum: $0) }
  }

  /// μₜ.
  private func momentum(at updates: Double) -> Double {
    beta1 * (1 - 0.5 * power(0.96, updates * momentumDecay))
  }

  private struct Kernel: DirectionKernel {
    let mean: ExponentialMean
    let squares: ExponentialMeanSquare
    let rootCorrection: Lanes
    let epsilon: Lanes
    let gradientRate: Lanes
    let meanRate: Lanes

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      mean.take(gradient, at: place)
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      let divisor = squares.takeRoot(gradient, at: place) * rootCorrection + epsilon
      if squares.holdsRoots {
        return gradientRate * (gradient / divisor) + meanRate * (direction / divisor)
      }
      return (gradientRate * gradient + meanRate * direction) / divisor
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var nadam: Self {
    CatalogEntry(
      name: "nadam", summary: "Adam with Nesterov momentum", reference: "Dozat, 2016",
      hyperparameters: [
        .learningRate(0.002), .betas(0.9, 0.999), .eps(1e-8),
        .weightDecay(0, "weight decay, λ"), .weightDecayOn,
        Hyperparameter(
          "momentum_decay", .number(.nonnegative), default: .number(0.004), scale: .logarithmic,
          "how fast the momentum rises to β₁, ψ"),
        .decoupledWeightDecay, .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return NAdam(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        momentumDecay: options.number("momentum_decay"), weightDecay: .chosen(in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
