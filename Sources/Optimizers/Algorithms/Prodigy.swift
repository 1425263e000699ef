internal import CVector
internal import Settings
internal import Tensors

/// Prodigy (Mishchenko & Defazio, 2023), Adam that estimates the distance to the solution and with it
/// its own rate.
///
/// At the t-th update, t from 1, over all tensors together, with d from d₀, γ = ηd·c and the gradient
/// g (coupled weight decay included: g + λθ); c = √(1 − β₂ᵗ)/(1 − β₁ᵗ) with `use_bias_correction`,
/// else 1:
///
///     n ← β₃n + d/d₀·γ·⟨g, θ₀ − θ⟩        s ← β₃s + d/d₀·γ·g
///     m ← β₁m + (1 − β₁)dg               v ← β₂v + (1 − β₂)d²g²
///     D ← max(D, κn/‖s‖₁)                d ← min(D, d·`growth_rate`)
///     u = −γ·m/(√v + dε) − γλθ           with the new d in dε and the old in γ
///
/// β₃ is √β₂ where null; `safeguard_warmup` has d in place of γ in s; κ = `d_coef`. The semantics of
/// the authors' reference code, with its defaults; while d = d₀ the estimate replaces d at once, and
/// an update whose ‖s‖₁ is 0 moves nothing. Optax is the rule with `use_bias_correction`.
///
/// From d₀ = 1e-6 the rule is ill-conditioned in float32, in any implementation: θ₀ − θ is at first
/// a difference of nearly equal numbers, and the final distance may be off by some percent. Where
/// squares leave the range of float the memory holds m/d, √v/d and s in units of its greatest factor.
struct Prodigy: Optimizer {
  let beta1: Double
  let beta2: Double
  let beta3: Double
  let epsilon: Double
  let initialDistance: Double
  let coefficient: Double
  let growthRate: Double
  let correctsBias: Bool
  let safeguardsWarmup: Bool
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let names = ["exp_avg", "exp_avg_sq", "s", "p0"]
    return NamedArrays(
      arrays: names.map { ($0, layout.count) },
      numbers: [
        ("updates", 0), ("d", initialDistance), ("d_max", initialDistance), ("d_numerator", 0),
        ("has_p0", 0),
        // The squares are those of dg.
        Roots.flag(epsilon: epsilon * min(1, 1e4 * initialDistance), decay: beta2),
        ("mean_unit", 0), ("sum_unit", 0),
      ])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    if state.numbers[4] == 0 {
      state[3].update(from: step.parameters, count: step.count)
      state.numbers[4] = 1
    }
    // Without a rate nothing is learned, as in the authors' code: not even the means.
    guard step.learningRate > 0 else {
      return step.update.update(repeating: 0, count: step.count)
    }
    let updates = state.numbers[0] + 1
    let distance = state.numbers[1]
    let correction =
      correctsBias ? (1 - power(beta2, updates)).squareRoot() / (1 - power(beta1, updates)) : 1
    let rate = distance * step.learningRate * correction
    let share = distance / initialDistance
    let gain = share * (safeguardsWarmup ? distance : rate)
    let coupled = weightDecay.form == .coupled ? weightDecay : .none
    let holdsUnits = holdsUnits(step, updates: updates, distance: distance, gain: gain, &state)
    let (product, norm): (Double, Double)
    if holdsUnits {
      step.writeUpdate(GradientKernel(), weightDecay: coupled, maximize: maximize)
      (product, norm) = takeInUnits(step, distance: distance, gain: gain, &state)
    } else {
      // ⟨g, θ₀ − θ⟩ passes through the update, element by element.
      step.writeUpdate(
        EstimateKernel(self, step, state, distance: distance, gain: gain), weightDecay: coupled,
        maximize: maximize)
      product = Sums.sum(step.update, count: step.count)
      norm = Sums.absolute(state[2], count: step.count)
    }
    guard norm != 0 else {
      return step.update.update(repeating: 0, count: step.count)
    }
    let numerator = beta3 * state.numbers[3] + share * rate * product
    let estimate = coefficient * numerator / norm
    var next = distance == initialDistance ? greater(distance, estimate) : distance
    let greatest = greater(state.numbers[2], estimate)
    next = min(greatest, next * growthRate)
    state.numbers[0] = updates
    state.numbers[1] = next
    state.numbers[2] = greatest
    state.numbers[3] = numerator
    let decoupled = weightDecay.form == .coupled ? .none : weightDecay
    if holdsUnits {
      step.with(learningRate: rate).writeUpdate(
        RootKernel(
          mean: state[0], roots: state[1],
          epsilon: Lanes(repeating: Float(next / distance * epsilon)), rate: SplitFactor(-rate)),
        weightDecay: decoupled)
    } else {
      step.with(learningRate: rate).writeUpdate(
        StepKernel(
          mean: state[0], squares: state[1], epsilon: Lanes(repeating: Float(next * epsilon)),
          rate: Lanes(repeating: Float(-rate))), weightDecay: decoupled)
    }
  }

  /// Whether the memory holds m/d, √v/d and s/u, in which gradients keep their own scale, with the last
  /// d and the greatest factor u of a gradient in s; and makes them so at the first step that needs it.
  ///
  /// Squares of dg leave the range of `Float` sooner than those of g: a first gradient below 1e4 times
  /// what they lose needs it as well.
  private func holdsUnits(
    _ step: OptimizerStep, updates: Double, distance: Double, gain: Double,
    _ state: inout NamedArrays
  ) -> Bool {
    if state.numbers[5] != 0 { return true }
    let lost = (Double(Float.leastNormalMagnitude) / (1 - beta2)).squareRoot()
    let size = step.gradientNorm
    if updates == 1, size > 0, size * distance < 1e4 * lost {
      // The memory is zero.
      state.numbers[5] = 1
    } else {
      guard
        step.holdsRoots(state[1], count: step.count, decay: weightDecay, flag: &state.numbers[5])
      else { return false }
    }
    Vector.scaleInRange(state[0], by: 1 / distance, into: state[0], count: step.count)
    Vector.scaleInRange(state[1], by: 1 / distance, into: state[1], count: step.count)
    Vector.scaleInRange(state[2], by: 1 / gain, into: state[2], count: step.count)
    state.numbers[6] = distance
    state.numbers[7] = gain
    return true
  }

  /// ⟨g, θ₀ − θ⟩ and ‖s‖₁ with the gradient g, which stands in the update, taken in. In Double, for
  /// gradients that are seldom met.
  private func takeInUnits(
    _ step: OptimizerStep, distance: Double, gain: Double, _ state: inout NamedArrays
  ) -> (product: Double, norm: Double) {
    let meanRatio = state.numbers[6] / distance
    let unit = max(state.numbers[7], gain)
    let sumRatio = state.numbers[7] / unit
    state.numbers[6] = distance
    state.numbers[7] = unit
    let (mean, roots, sum, start) = (state[0], state[1], state[2], state[3])
    var (product, norm) = (0.0, 0.0)
    for index in 0..<step.count {
      let gradient = Double(step.update[index])
      product += gradient * (Double(start[index]) - Double(step.parameters[index]))
      mean[index] = Float(beta1 * meanRatio * Double(mean[index]) + (1 - beta1) * gradient)
      let root = meanRatio * Double(roots[index])
      roots[index] = Float((beta2 * root * root + (1 - beta2) * gradient * gradient).squareRoot())
      sum[index] = Float(beta3 * sumRatio * Double(sum[index]) + gain / unit * gradient)
      norm += abs(Double(sum[index]))
    }
    return (product, norm * unit)
  }

  /// The maximum, which stays where the estimate is NaN, as Python's does.
  private func greater(_ value: Double, _ estimate: Double) -> Double {
    estimate > value ? estimate : value
  }

  private struct EstimateKernel: UpdateKernel {
    let parameters: UnsafePointer<Float>
    let mean: UnsafeMutablePointer<Float>
    let squares: UnsafeMutablePointer<Float>
    let sum: UnsafeMutablePointer<Float>
    let start: UnsafeMutablePointer<Float>
    let keep: (mean: Lanes, squares: Lanes, sum: Lanes)
    let gain: (mean: Lanes, squares: Lanes, sum: Lanes)

    init(
      _ rule: Prodigy, _ step: OptimizerStep, _ state: NamedArrays, distance: Double, gain: Double
    ) {
      parameters = step.parameters
      mean = state[0]
      squares = state[1]
      sum = state[2]
      start = state[3]
      keep = (
        Lanes(repeating: Float(rule.beta1)), Lanes(repeating: Float(rule.beta2)),
        Lanes(repeating: Float(rule.beta3))
      )
      self.gain = (
        Lanes(repeating: Float(distance * (1 - rule.beta1))),
        Lanes(repeating: Float(distance * distance * (1 - rule.beta2))),
        Lanes(repeating: Float(gain))
      )
    }

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      place.store(keep.mean * place.load(mean) + gain.mean * gradient, mean)
      place.store(keep.squares * place.load(squares) + gain.squares * gradient * gradient, squares)
      place.store(keep.sum * place.load(sum) + gain.sum * gradient, sum)
      return gradient * (place.load(start) - place.load(parameters))
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
    let rate: SplitFactor

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      rate.times(place.load(mean) / (place.load(roots) + epsilon))
    }
  }

  private struct StepKernel: UpdateKernel {
    let mean: UnsafeMutablePointer<Float>
    let squares: UnsafeMutablePointer<Float>
    let epsilon: Lanes
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      rate * place.load(mean) / (cvector_sqrt(place.load(squares)) + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var prodigy: Self {
    CatalogEntry(
      name: "prodigy", summary: "Adam that estimates its own learning rate from the distance moved",
      reference: "Mishchenko & Defazio, 2023",
      hyperparameters: [
        .learningRate(1), .betas(0.9, 0.999),
        Hyperparameter(
          "beta3", .number(.fraction), default: .none, optional: true, scale: .logarithmic,
          "decay of the estimate's sums, β₃; null for √β₂"),
        .eps(1e-8),
        .weightDecay(0, "weight decay, λ"), .weightDecayOn, .decoupledWeightDecay(true),
        .useBiasCorrection,
        Hyperparameter(
          "safeguard_warmup", .boolean, default: .boolean(false),
          "keep the learning rate out of the estimate's denominator"),
        .initialDistance,
        Hyperparameter(
          "d_coef", .number(.positive), default: .number(1), scale: .logarithmic,
          "factor of the estimate, κ"),
        .growthRate, .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return Prodigy(
        beta1: betas[0], beta2: betas[1],
        beta3: options.optionalNumber("beta3") ?? betas[1].squareRoot(),
        epsilon: options.number("eps"), initialDistance: options.number("d0"),
        coefficient: options.number("d_coef"), growthRate: options.number("growth_rate"),
        correctsBias: options.boolean("use_bias_correction"),
        safeguardsWarmup: options.boolean("safeguard_warmup"), weightDecay: .chosen(in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
