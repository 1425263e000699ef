internal import CVector
internal import Settings
internal import Tensors

/// D-Adapted Adam (Defazio & Mishchenko, 2023), Adam that bounds the distance to the solution from
/// below and with it sets its own rate.
///
/// At the t-th update, t from 1, over all tensors together, with d from d₀, γ = ηd·c and the gradient
/// g (coupled weight decay included: g + λθ); c = √(1 − β₂ᵗ)/(1 − β₁ᵗ) with `use_bias_correction`,
/// else 1:
///
///     n ← √β₂·n + (1 − √β₂)γ·⟨g, s/(√v + ε)⟩        with the old s and v
///     m ← β₁m + (1 − β₁)γg        v ← β₂v + (1 − β₂)g²        s ← √β₂·s + (1 − √β₂)γg
///     d ← max(d, min(n/((1 − √β₂)‖s‖₁), d·`growth_rate`))
///     u = −m/(√v + ε) − γλθ
///
/// The semantics and defaults of the authors' package, without its `layer_scale`; an update whose
/// ‖s‖₁ is 0 moves nothing. Optax is the rule with `use_bias_correction` and decoupled decay. From
/// d₀ = 1e-6 the rule is ill-conditioned in float32, as `prodigy` is. Where squares leave the range of
/// float the memory holds √v, and m and s in units of the greatest γ.
struct DAdaptAdam: Optimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let initialDistance: Double
  let growthRate: Double
  let correctsBias: Bool
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let names = ["exp_avg", "exp_avg_sq", "s"]
    return NamedArrays(
      arrays: names.map { ($0, layout.count) },
      numbers: [
        ("updates", 0), ("d", initialDistance), ("numerator_weighted", 0),
        Roots.flag(epsilon: epsilon, decay: beta2), ("unit", 0),
      ])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    // Without a rate nothing is learned, as in the authors' code: not even the means.
    guard step.learningRate > 0 else {
      return step.update.update(repeating: 0, count: step.count)
    }
    let updates = state.numbers[0] + 1
    let distance = state.numbers[1]
    let correction =
      correctsBias ? (1 - power(beta2, updates)).squareRoot() / (1 - power(beta1, updates)) : 1
    let rate = distance * step.learningRate * correction
    let decay = beta2.squareRoot()
    let coupled = weightDecay.form == .coupled ? weightDecay : .none
    let holdsUnits = holdsUnits(step, updates: updates, rate: rate, &state)
    let (sum, norm): (Double, Double)
    if holdsUnits {
      step.writeUpdate(GradientKernel(), weightDecay: coupled, maximize: maximize)
      (sum, norm) = takeInUnits(step, rate: rate, decay: decay, &state)
    } else {
      // ⟨g, s/(√v + ε)⟩ passes through the update, element by element.
      step.writeUpdate(
        EstimateKernel(
          mean: state[0], squares: ExponentialMeanSquare(state[1], decay: beta2), sum: state[2],
          epsilon: Lanes(repeating: Float(epsilon)), meanKeep: Lanes(repeating: Float(beta1)),
          meanGain: Lanes(repeating: Float(rate * (1 - beta1))),
          sumKeep: Lanes(repeating: Float(decay)),
          sumGain: Lanes(repeating: Float(rate * (1 - decay)))), weightDecay: coupled,
        maximize: maximize)
      sum = Sums.sum(step.update, count: step.count)
      norm = Sums.absolute(state[2], count: step.count)
    }
    guard norm != 0 else {
      return step.update.update(repeating: 0, count: step.count)
    }
    let product = rate * sum
    let numerator = decay * state.numbers[2] + (1 - decay) * product
    let estimate = min(numerator / ((1 - decay) * norm), distance * growthRate)
    state.numbers[0] = updates
    // A NaN estimate changes nothing, as Python's max.
    state.numbers[1] = estimate > distance ? estimate : distance
    state.numbers[2] = numerator
    let decoupled = weightDecay.form == .coupled ? .none : weightDecay
    if holdsUnits {
      step.with(learningRate: rate).writeUpdate(
        RootKernel(
          mean: state[0], roots: state[1], epsilon: Lanes(repeating: Float(epsilon)),
          unit: SplitFactor(-state.numbers[4])), weightDecay: decoupled)
    } else {
      step.with(learningRate: rate).writeUpdate(
        StepKernel(
          mean: state[0], squares: state[1], epsilon: Lanes(repeating: Float(epsilon))),
        weightDecay: decoupled)
    }
  }

  /// Whether the memory holds m/u, √v and s/u, in which gradients keep their own scale, with the
  /// greatest γ for u; and makes them so at the first step that needs it, which a first gradient that
  /// would be lost in s does as well.
  private func holdsUnits(
    _ step: OptimizerStep, updates: Double, rate: Double, _ state: inout NamedArrays
  ) -> Bool {
    if state.numbers[3] != 0 { return true }
    let taken = step.gradientNorm * rate * (1 - beta2.squareRoot())
    if updates == 1, taken > 0, taken < 1e-30 {
      // The memory is zero.
      state.numbers[3] = 1
    } else {
      guard
        step.holdsRoots(state[1], count: step.count, decay: weightDecay, flag: &state.numbers[3])
      else { return false }
    }
    Vector.scaleInRange(state[0], by: 1 / rate, into: state[0], count: step.count)
    Vector.scaleInRange(state[2], by: 1 / rate, into: state[2], count: step.count)
    state.numbers[4] = rate
    return true
  }

  /// ⟨g, s/(√v + ε)⟩ and ‖s‖₁ with the gradient g, which stands in the update, taken in. In Double,
  /// for gradients that are seldom met.
  private func takeInUnits(
    _ step: OptimizerStep, rate: Double, decay: Double, _ state: inout NamedArrays
  ) -> (product: Double, norm: Double) {
    let unit = max(state.numbers[4], rate)
    let (keep, gain) = (state.numbers[4] / unit, rate / unit)
    state.numbers[4] = unit
    let (mean, roots, sum) = (state[0], state[1], state[2])
    var (product, norm) = (0.0, 0.0)
    for index in 0..<step.count {
      let gradient = Double(step.update[index])
      let (root, old) = (Double(roots[index]), keep * Double(sum[index]))
      product += gradient * old / (root + epsilon)
      mean[index] = Float(beta1 * keep * Double(mean[index]) + (1 - beta1) * gain * gradient)
      roots[index] = Float((beta2 * root * root + (1 - beta2) * gradient * gradient).squareRoot())
      sum[index] = Float(decay * old + (1 - decay) * gain * gradient)
      norm += abs(Double(sum[index]))
    }
    return (product * unit, norm * unit)
  }

  private struct EstimateKernel: UpdateKernel {
    let mean: UnsafeMutablePointer<Float>
    let squares: ExponentialMeanSquare
    let sum: UnsafeMutablePointer<Float>
    let epsilon: Lanes
    let meanKeep: Lanes
    let meanGain: Lanes
    let sumKeep: Lanes
    let sumGain: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let oldSum = place.load(sum)
      let term = gradient * oldSum / (cvector_sqrt(place.load(squares.array)) + epsilon)
      place.store(meanKeep * place.load(mean) + meanGain * gradient, mean)
      _ = squares.take(gradient, at: place)
      place.store(sumKeep * oldSum + sumGain * gradient, sum)
      return term
    }
  }

  /// The gradient with its sign and weight decay.
  private struct GradientKernel: UpdateKernel {
    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes { gradient }
  }

  private struct RootKernel: UpdateKernel {
    let mean: UnsafeMutablePointer<Float>
    let roots: UnsafeMutablePointer<Float>
    let epsilon: Lanes
    /// −u.
    let unit: SplitFactor

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      unit.times(place.load(mean) / (place.load(roots) + epsilon))
    }
  }

  private struct StepKernel: UpdateKernel {
    let mean: UnsafeMutablePointer<Float>
    let squares: UnsafeMutablePointer<Float>
    let epsilon: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      -place.load(mean) / (cvector_sqrt(place.load(squares)) + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var dadaptAdam: Self {
    CatalogEntry(
      name: "dadapt-adam", summary: "Adam that bounds the distance to go and sets its own rate",
      reference: "Defazio & Mishchenko, 2023",
      hyperparameters: [
        .learningRate(1), .betas(0.9, 0.999), .eps(1e-8),
        .weightDecay(0, "weight decay, λ"), .weightDecayOn, .decoupledWeightDecay,
        .useBiasCorrection, .initialDistance, .growthRate, .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return DAdaptAdam(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        initialDistance: options.number("d0"), growthRate: options.number("growth_rate"),
        correctsBias: options.boolean("use_bias_correction"), weightDecay: .chosen(in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
