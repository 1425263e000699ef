internal import CVector
internal import Settings
internal import Tensors

/// Schedule-Free SGD and AdamW (Defazio et al., 2024): an average of the iterates in place of a
/// learning-rate schedule.
///
/// At the t-th update, t from 1, with the gradient g at the trained parameters y:
///
///     γ = η·min(t/W, 1)        w = tʳ·(greatest γ so far)ᵖ        c = w/(sum of all w)
///     d = g + λy, or g/(√v̂ + ε) + λy with v ← β₂v + (1 − β₂)g², v̂ = v/(1 − β₂ᵗ) for AdamW
///     y ← (1 − c)y + cz + γ(β(1 − c) − 1)d        z ← z − γd
///
/// with β = `momentum`, or β₁ for AdamW; W, r and p are `warmup_steps`, `r` and `weight_lr_power`.
/// z starts at the first parameters.
///
/// It is *evaluated at the average* x = (y − (1 − β)z)/β, the authors' `eval()`; numbers at y are
/// not the method's, and batch statistics are estimated anew for each evaluation. The semantics of the
/// package schedulefree, whose warm-up starts at η/W (Optax' starts at 0). It needs no schedule; if the
/// run has one, its rate stands in place of η.
///
/// Keras decays the trained parameters alone, y ← (1 − ηλ)y beside the rule, where λy within d moves z
/// as well; it has c = 1/t, as with `weight_lr_power: 0`, and is evaluated at y.
struct ScheduleFree: Optimizer {
  /// β₂ and ε of AdamW.
  struct Preconditioner {
    let decay: Double
    let epsilon: Double
  }

  let momentum: Double
  let preconditioner: Preconditioner?
  let warmupSteps: Int
  let weightPower: Double
  let ratePower: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let names = ["z"] + (preconditioner == nil ? [] : ["exp_avg_sq"])
    return NamedArrays(
      arrays: names.map { ($0, layout.count) },
      numbers: [("updates", 0), ("lr_max", 0), ("weight_sum", 0), ("share", 0)]
        + (preconditioner.map { [Roots.flag(epsilon: $0.epsilon, decay: $0.decay)] } ?? []))
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    if state.numbers[0] == 0 { state[0].update(from: step.parameters, count: step.count) }
    state.numbers[0] += 1
    let updates = state.numbers[0]
    let warmup = updates < Double(warmupSteps) ? updates / Double(warmupSteps) : 1
    let rate = step.learningRate * warmup
    let share = newestShare(rate: rate, state: &state)
    let average = Averaging(
      parameters: step.parameters, z: state[0], share: Lanes(repeating: Float(share)),
      rate: Lanes(repeating: Float(rate)),
      gain: Lanes(repeating: Float(rate * (momentum * (1 - share) - 1))))

    guard let preconditioner else {
      return step.writeUpdate(
        PlainKernel(average: average), weightDecay: weightDecay, maximize: maximize)
    }
    let holdsRoots = step.holdsRoots(state[1], count: step.count, flag: &state.numbers[4])
    let correction = 1 / (1 - power(preconditioner.decay, updates))
    // The decay follows the division by the root, so it is the kernel's and not the sweep's.
    for tensor in step.layout.tensors {
      step.writeUpdate(
        of: tensor,
        PreconditionedKernel(
          average: average,
          squares: ExponentialMeanSquare(
            state[1], decay: preconditioner.decay, holdsRoots: holdsRoots),
          correction: Lanes(
            repeating: Float(holdsRoots ? correction.squareRoot() : correction)),
          epsilon: Lanes(repeating: Float(preconditioner.epsilon)),
          decay: Lanes(repeating: Float(weightDecay.strength(for: tensor)))), maximize: maximize)
    }
  }

  /// c, and the memory of what it takes.
  private func newestShare(rate: Double, state: inout NamedArrays) -> Double {
    let updates = state.numbers[0]
    let greatestBefore = state.numbers[1]
    let greatest = max(greatestBefore, rate)
    let weight = power(updates, weightPower) * power(greatest, ratePower)
    state.numbers[1] = greatest
    state.numbers[2] += weight
    if greatest == 0 || (weight.isNormal && state.numbers[2].isNormal) {
      state.numbers[3] = state.numbers[2] > 0 ? weight / state.numbers[2] : 0
    } else {
      // Weights that leave the range of Double, from their ratios.
      let ratio =
        power((updates - 1) / updates, weightPower) * power(greatestBefore / greatest, ratePower)
      state.numbers[3] = state.numbers[3] > 0 ? 1 / (1 + ratio / state.numbers[3]) : 1
    }
    return state.numbers[3]
  }

  var evaluatesElsewhere: Bool { true }

  func evaluationParameters(
    for parameters: UnsafePointer<Float>, layout: ParameterLayout, state: NamedArrays,
    scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    guard state.numbers[0] > 0 else { return parameters }
    let z = state[0]
    let share = Float(1 - 1 / momentum)
    for index in 0..<layout.count {
      scratch[index] = parameters[index] + share * (z[index] - parameters[index])
    }
    return UnsafePointer(scratch)
  }

  /// What both methods do with their direction d.
  private struct Averaging {
    let parameters: UnsafePointer<Float>
    let z: UnsafeMutablePointer<Float>
    let share: Lanes
    let rate: Lanes
    let gain: Lanes

    @inline(__always)
    func update(along direction: Lanes, at place: some LanePlace) -> Lanes {
      let before = place.load(z)
      place.store(before - rate * direction, z)
      return share * (before - place.load(parameters)) + gain * direction
    }
  }

  private struct PlainKernel: UpdateKernel {
    let average: Averaging

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      average.update(along: gradient, at: place)
    }
  }

  private struct PreconditionedKernel: UpdateKernel {
    let average: Averaging
    let squares: ExponentialMeanSquare
    /// 1/(1 − β₂ᵗ), or its root where the memory holds roots.
    let correction: Lanes
    let epsilon: Lanes
    let decay: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let root =
        squares.holdsRoots
        ? squares.takeRoot(gradient, at: place) * correction
        : cvector_sqrt(squares.take(gradient, at: place) * correction)
      let direction = gradient / (root + epsilon) + decay * place.load(average.parameters)
      return average.update(along: direction, at: place)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var scheduleFreeSGD: Self {
    CatalogEntry(
      name: "schedule-free-sgd", summary: "sgd whose average of iterates needs no schedule",
      reference: "Defazio et al., 2024",
      hyperparameters: [
        .learningRate(1),
        Hyperparameter(
          "momentum", .number(.open), default: .number(0.9),
          search: [.firstDecay], "how near the trained parameters are to the average, β"),
        .weightDecay(0, "L2 regularisation at the trained parameters, λ"), .weightDecayOn,
      ] + averagingOptions
    ) { options throws(HyperparameterError) in
      scheduleFree(options, momentum: options.number("momentum"), preconditioner: nil)
    }
  }

  static var scheduleFreeAdamW: Self {
    CatalogEntry(
      name: "schedule-free-adamw", summary: "AdamW whose average of iterates needs no schedule",
      reference: "Defazio et al., 2024",
      hyperparameters: [
        .learningRate(0.0025), .betas(0.9, 0.999), .eps(1e-8),
        .weightDecay(0, "weight decay at the trained parameters, λ"), .weightDecayOn,
      ] + averagingOptions
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      guard betas[0] > 0 else {
        throw HyperparameterError(
          "betas", "the average is undefined for a first decay of 0; allowed: more than 0")
      }
      return scheduleFree(
        options, momentum: betas[0],
        preconditioner: ScheduleFree.Preconditioner(
          decay: betas[1], epsilon: options.number("eps")))
    }
  }

  private static var averagingOptions: [Hyperparameter] {
    [
      Hyperparameter(
        "warmup_steps", .integer(0 ... .max), default: .integer(0),
        search: [.linear(0...0.2, of: .run)],
        "updates of linear rise to the learning rate, W"),
      Hyperparameter(
        "r", .number(.nonnegative), default: .number(0),
        "power of the update's number in the average's weights"),
      Hyperparameter(
        "weight_lr_power", .number(.nonnegative), default: .number(2),
        "power of the greatest rate so far in the average's weights, p"),
      .maximize,
    ]
  }

  private static func scheduleFree(
    _ options: Hyperparameters, momentum: Double, preconditioner: ScheduleFree.Preconditioner?
  ) -> ScheduleFree {
    ScheduleFree(
      momentum: momentum, preconditioner: preconditioner,
      warmupSteps: options.integer("warmup_steps"), weightPower: options.number("r"),
      ratePower: options.number("weight_lr_power"), weightDecay: WeightDecay(.coupled, in: options),
      maximize: options.boolean("maximize"))
  }
}

extension NumberRange {
  /// 0 < x < 1.
  fileprivate static let open = NumberRange(
    lower: 0, includesLower: false, upper: 1, includesUpper: false)
}
