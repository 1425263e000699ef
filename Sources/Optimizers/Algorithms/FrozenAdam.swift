internal import CVector
internal import Settings
internal import Tensors

/// Adam with a frozen second moment: descent with momentum in a fixed metric, for which the theory
/// of stability has an exact threshold (Cohen et al., 2022).
///
/// The first N = `freeze_after` updates are Adam's. From then on v keeps the value it has, corrected
/// as at update N:
///
///     m ← m + (1 − β₁)(g − m)        u = −η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᴺ) + ε)
///
/// With `second_moment` = c there is nothing to freeze: v = c in each coordinate from the first
/// update on, uncorrected, and `freeze_after` does not count. On a quadratic whose curvature in the
/// metric is λ the frozen rule is stable up to λ = 2(1 + β₁)/(1 − β₁)/η.
struct FrozenAdam: DirectOptimizer {
  let adam: Adam
  let freezeAfter: Int
  /// c.
  let secondMoment: Double?

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let state = adam.makeState(for: layout)
    if let secondMoment {
      state.arrays[1].fill(
        Float(state.numbers[1] == 0 ? secondMoment : secondMoment.squareRoot()))
    }
    return state
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    let frozenAt = secondMoment == nil ? Double(freezeAfter) : 0
    guard state.numbers[0] >= frozenAt else {
      return adam.proposeUpdate(for: step, state: &state)
    }
    state.numbers[0] += 1
    let squareCorrection = secondMoment == nil ? 1 - power(adam.beta2, frozenAt) : 1
    let rate = step.learningRate / (1 - power(adam.beta1, state.numbers[0]))
    step.writeUpdate(
      Kernel(
        mean: ExponentialMean(state[0], decay: adam.beta1),
        squares: ExponentialMeanSquare(
          state[1], decay: adam.beta2, holdsRoots: state.numbers[1] != 0),
        rootCorrection: Lanes(repeating: Float(1 / squareCorrection.squareRoot())),
        epsilon: Lanes(repeating: Float(adam.epsilon)), rate: Lanes(repeating: Float(-rate))),
      weightDecay: adam.weightDecay, maximize: adam.maximize)
  }

  private struct Kernel: UpdateKernel {
    let mean: ExponentialMean
    let squares: ExponentialMeanSquare
    let rootCorrection: Lanes
    let epsilon: Lanes
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      squares.quotient(
        rate, mean.take(gradient, at: place), squares.root(at: place) * rootCorrection + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var frozenAdam: Self {
    CatalogEntry(
      name: "frozen-adam", summary: "Adam whose mean square stays as it is after some updates",
      reference: "Cohen et al., 2022; Kingma & Ba, 2015",
      hyperparameters: [
        .learningRate(0.001), .betas(0.9, 0.999), .eps(1e-8),
        Hyperparameter(
          "freeze_after", .integer(1...Int.max), default: .integer(100), scale: .logarithmic,
          "updates that the mean square learns from, N"),
        Hyperparameter(
          "second_moment", .number(.positive), default: .none, optional: true,
          scale: .logarithmic, "a fixed mean square in place of the learned, c"),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return FrozenAdam(
        adam: Adam(
          beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"), isAMSGrad: false,
          weightDecay: WeightDecay(.coupled, in: options), maximize: options.boolean("maximize")),
        freezeAfter: options.integer("freeze_after"),
        secondMoment: options.optionalNumber("second_moment"))
    }
  }
}
