internal import CVector
internal import Settings
internal import Tensors

/// ADOPT (Taniguchi et al., 2024), Adam that normalises a gradient by the squares before it.
///
/// The first update only sets v = g². From the second on, t from 2, with the gradient g (coupled
/// weight decay included: g + λθ):
///
///     n = g/max(√v, ε), held within ±(t − 1)^κ
///     m ← m + (1 − β₁)(n − m)        v ← β₂v + (1 − β₂)g²        u = −ηm
///
/// with κ = `clip_exp`, null for no limit. These are the semantics of the authors' code since its
/// clipping of November 2024, with its defaults; timm has κ = 0.333.
struct ADOPT: DirectOptimizer, MomentumOptimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  /// κ; infinite bound where nil.
  let exponent: Double?
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
    let before = state.numbers[0]
    state.numbers[0] += 1
    let holdsRoots = step.holdsRoots(
      state[1], count: step.count, decay: weightDecay, flag: &state.numbers[1])
    if before == 0 {
      // Nothing moves, so nothing decays beside the rule either.
      return step.writeUpdate(
        FirstKernel(
          squares: ExponentialMeanSquare(state[1], decay: 0, holdsRoots: holdsRoots)),
        weightDecay: weightDecay.form == .coupled ? weightDecay : .none, maximize: maximize)
    }
    let bound = exponent.map { Float(power(before, $0)) } ?? .infinity
    step.writeUpdate(
      Kernel(
        mean: ExponentialMean(state[0], decay: beta1),
        squares: ExponentialMeanSquare(state[1], decay: beta2, holdsRoots: holdsRoots),
        bound: Lanes(repeating: bound),
        epsilon: Lanes(repeating: Float(epsilon)),
        rate: Lanes(repeating: Float(-step.learningRate))),
      weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
    ) { source.transform(momentum: $0) }
  }

  private struct FirstKernel: UpdateKernel {
    let squares: ExponentialMeanSquare

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      _ = squares.takeRoot(gradient, at: place)
      return Lanes.zero
    }
  }

  private struct Kernel: DirectionKernel {
    let mean: ExponentialMean
    let squares: ExponentialMeanSquare
    let bound: Lanes
    let epsilon: Lanes
    let rate: Lanes

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      // Comparisons are false for NaN, which stays.
      var root = squares.root(at: place)
      root.replace(with: epsilon, where: root .< epsilon)
      var normalized = gradient / root
      normalized.replace(with: bound, where: normalized .> bound)
      normalized.replace(with: -bound, where: normalized .< -bound)
      _ = squares.takeRoot(gradient, at: place)
      return mean.take(normalized, at: place)
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      rate * direction
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var adopt: Self {
    CatalogEntry(
      name: "adopt", summary: "Adam that normalises each gradient by the squares before it",
      reference: "Taniguchi et al., 2024",
      hyperparameters: [
        .learningRate(0.001), .betas(0.9, 0.9999), .eps(1e-6),
        Hyperparameter(
          "clip_exp", .number(.nonnegative), default: .number(0.25), optional: true,
          "growth of the limit on the normalised gradient, κ; null for no limit"),
        .weightDecay(0, "weight decay, λ"), .weightDecayOn, .decoupledWeightDecay, .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return ADOPT(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        exponent: options.optionalNumber("clip_exp"), weightDecay: .chosen(in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
