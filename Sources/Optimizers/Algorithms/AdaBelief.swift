internal import CVector
internal import Settings
internal import Tensors

/// AdaBelief (Zhuang et al., 2020), Adam that divides by the gradient's deviation from its mean.
///
/// At the t-th update, t from 1, with the gradient g (coupled weight decay included: g + λθ):
///
///     m ← m + (1 − β₁)(g − m)        s ← β₂s + (1 − β₂)(g − m)² + ε
///     u = −η/(1 − β₁ᵗ) · m / (√s/√(1 − β₂ᵗ) + ε)
///     u = −η/(1 − β₁ᵗ) · m·r·√(1 − β₂ᵗ)/(√s + ε)   where `rectify`, with r as in `radam`
///
/// While RAdam's ρ ≤ 5 the rectified rule is momentum descent, u = −η/(1 − β₁ᵗ)·m. These are the
/// authors' semantics and defaults (adabelief-pytorch 0.2): m in the deviation is the new mean, ε
/// accumulates in s, weight decay is decoupled unless said otherwise. Optax is the rule without
/// `rectify`. The authors take ρ ≥ 5, the same unless ρ is exactly 5.
struct AdaBelief: DirectOptimizer, MomentumOptimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let isRectified: Bool
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("exp_avg", layout.count), ("exp_avg_var", layout.count)],
      // ε stands within the root as well.
      numbers: [("updates", 0), Roots.flag(epsilon: epsilon.squareRoot(), decay: beta2)])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    let updates = state.numbers[0]
    let rate = step.learningRate / (1 - power(beta1, updates))
    let deviations = ExponentialMeanSquare(
      state[1], decay: beta2,
      holdsRoots: step.holdsRoots(
        state[1], count: step.count, decay: weightDecay, flag: &state.numbers[1]))
    if !isRectified {
      let correction = 1 / (1 - power(beta2, updates)).squareRoot()
      step.writeUpdate(
        Kernel<SwitchedOn>(self, state[0], deviations, rate: rate, rootCorrection: correction),
        weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    } else if let factor = varianceRectification(decay: beta2, updates: updates) {
      step.writeUpdate(
        Kernel<SwitchedOn>(self, state[0], deviations, rate: rate * factor, rootCorrection: 1),
        weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    } else {
      step.writeUpdate(
        Kernel<SwitchedOff>(self, state[0], deviations, rate: rate, rootCorrection: 1),
        weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    }
  }

  private struct Kernel<Divides: KernelSwitch>: DirectionKernel {
    let mean: ExponentialMean
    let deviations: ExponentialMeanSquare
    let rootCorrection: Lanes
    let epsilon: Lanes
    let epsilonRoot: Lanes
    let rate: Lanes

    init(
      _ rule: AdaBelief, _ mean: UnsafeMutablePointer<Float>,
      _ deviations: ExponentialMeanSquare, rate: Double, rootCorrection: Double
    ) {
      self.mean = ExponentialMean(mean, decay: rule.beta1)
      self.deviations = deviations
      epsilonRoot = Lanes(repeating: Float(rule.epsilon.squareRoot()))
      self.rootCorrection = Lanes(repeating: Float(rootCorrection))
      epsilon = Lanes(repeating: Float(rule.epsilon))
      self.rate = Lanes(repeating: Float(-rate))
    }

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let average = mean.take(gradient, at: place)
      let variance: Lanes
      if deviations.holdsRoots {
        variance = rootOfSquares(
          .one, deviations.takeRoot(gradient - average, at: place), .one, epsilonRoot)
      } else {
        variance = deviations.take(gradient - average, at: place) + epsilon
      }
      place.store(variance, deviations.array)
      return average
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      guard Divides.isOn else { return rate * direction }
      return deviations.quotient(
        rate, direction, deviations.root(at: place) * rootCorrection + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var adabelief: Self {
    CatalogEntry(
      name: "adabelief", summary: "Adam that divides by the gradient's deviation from its mean",
      reference: "Zhuang et al., 2020",
      hyperparameters: [
        .learningRate(0.001), .betas(0.9, 0.999), .eps(1e-16),
        .weightDecay(0, "weight decay, λ"), .weightDecayOn, .decoupledWeightDecay(true),
        Hyperparameter(
          "rectify", .boolean, default: .boolean(true),
          "rectify the variance of the early steps, as in radam"),
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return AdaBelief(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        isRectified: options.boolean("rectify"), weightDecay: .chosen(in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
