internal import Settings
internal import Tensors

/// Stochastic gradient descent (Robbins & Monro, 1951) with heavy-ball momentum (Polyak, 1964) or
/// Nesterov momentum (Nesterov, 1983, as rewritten by Sutskever et al., 2013).
///
/// With the gradient g (weight decay included: g + λθ), momentum μ and dampening τ:
///
///     b ← g at the first step, μb + (1 − τ)g afterwards
///     u = −ηb, or −η(g + μb) for Nesterov
///
/// These are PyTorch's semantics: the first gradient enters the buffer undamped, the learning rate
/// stays outside the buffer (Keras has it inside: the same trajectory while η is constant), and
/// Nesterov's parameters are the look-ahead point.
struct SGD: DirectOptimizer, MomentumOptimizer {
  let momentum: Double
  let dampening: Double
  let isNesterov: Bool
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    guard momentum != 0 else { return .empty }
    return NamedArrays(
      arrays: [("momentum_buffer", layout.count)], numbers: [("updates", 0)])
  }

  var offersMomentum: Bool { momentum != 0 }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    let rate = Lanes(repeating: Float(-step.learningRate))
    guard momentum != 0 else {
      return step.writeUpdate(
        PlainKernel(rate: rate), weightDecay: weightDecay, maximize: maximize)
    }
    // The buffer is zero before the first update, so 0·b + 1·g fills it with the gradient exactly.
    let isFirst = state.numbers[0] == 0
    state.numbers[0] += 1
    let keep = Lanes(repeating: isFirst ? 0 : Float(momentum))
    let gain = Lanes(repeating: isFirst ? 1 : Float(1 - dampening))
    if isNesterov {
      step.writeUpdate(
        NesterovKernel(
          buffer: state[0], keep: keep, gain: gain, momentum: Lanes(repeating: Float(momentum)),
          rate: rate), weightDecay: weightDecay, maximize: maximize,
        splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    } else {
      step.writeUpdate(
        HeavyBallKernel(buffer: state[0], keep: keep, gain: gain, rate: rate),
        weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    }
  }

  private struct PlainKernel: UpdateKernel {
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes { rate * gradient }
  }

  private struct HeavyBallKernel: DirectionKernel {
    let buffer: UnsafeMutablePointer<Float>
    let keep: Lanes
    let gain: Lanes
    let rate: Lanes

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let moved = keep * place.load(buffer) + gain * gradient
      place.store(moved, buffer)
      return moved
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      rate * direction
    }
  }

  private struct NesterovKernel: DirectionKernel {
    let buffer: UnsafeMutablePointer<Float>
    let keep: Lanes
    let gain: Lanes
    let momentum: Lanes
    let rate: Lanes

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let moved = keep * place.load(buffer) + gain * gradient
      place.store(moved, buffer)
      return moved
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      rate * (gradient + momentum * direction)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var sgd: Self {
    sgd(
      name: "sgd", summary: "stochastic gradient descent, with momentum where asked for",
      reference: "Robbins & Monro, 1951; Polyak, 1964; Nesterov, 1983", momentum: 0,
      nesterov: false)
  }

  /// A preset of `sgd`.
  static var momentum: Self {
    sgd(
      name: "momentum", summary: "sgd with heavy-ball momentum 0.9", reference: "Polyak, 1964",
      momentum: 0.9, nesterov: false)
  }

  /// A preset of `sgd`.
  static var nesterov: Self {
    sgd(
      name: "nesterov", summary: "sgd with Nesterov momentum 0.9",
      reference: "Nesterov, 1983; Sutskever, Martens, Dahl & Hinton, 2013", momentum: 0.9,
      nesterov: true)
  }

  private static func sgd(
    name: String, summary: String, reference: String, momentum: Double, nesterov: Bool
  ) -> Self {
    CatalogEntry(
      name: name, summary: summary, reference: reference,
      hyperparameters: [
        .learningRate(0.001),
        Hyperparameter(
          "momentum", .number(.unit), default: .number(momentum),
          // Without momentum it is another method.
          search: momentum > 0 ? [.firstDecay] : [], "share of the buffer kept, μ"),
        Hyperparameter(
          "dampening", .number(.unit), default: .number(0),
          "share of the gradient kept out of the buffer, τ"),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn,
        Hyperparameter(
          "nesterov", .boolean, default: .boolean(nesterov), "look ahead along the momentum"),
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let momentum = options.number("momentum")
      let dampening = options.number("dampening")
      let isNesterov = options.boolean("nesterov")
      if isNesterov, momentum == 0 || dampening != 0 {
        throw HyperparameterError(
          "nesterov",
          "Nesterov momentum needs momentum > 0 and dampening 0, found momentum "
            + "\(numberLabel(momentum)) and dampening \(numberLabel(dampening)); "
            + "set them so or set nesterov: false")
      }
      return SGD(
        momentum: momentum, dampening: dampening, isNesterov: isNesterov,
        weightDecay: WeightDecay(.coupled, in: options), maximize: options.boolean("maximize"))
    }
  }
}
