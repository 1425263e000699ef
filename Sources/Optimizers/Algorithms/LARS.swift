internal import Settings
internal import Tensors

/// LARS (You, Gitman & Ginsburg, 2017), momentum descent with a rate for each tensor.
///
/// For each tensor, with its norms and c = `trust_coefficient`:
///
///     r = c‖θ‖/(‖g‖ + λ‖θ‖ + ε), or 1 where ‖θ‖ or ‖g‖ is 0
///     b ← r(g + λθ) at the first update, μb + (1 − τ)r(g + λθ) afterwards
///     u = −ηb, or −η(r(g + λθ) + μb) for Nesterov
///
/// The semantics of timm with `always_adapt`; timm by default adapts only where λ ≠ 0, which makes
/// plain momentum descent of LARS without weight decay. Optax divides by ‖g + λθ‖ instead. Default
/// momentum is the paper's. A tensor that does not decay has λ = 0 in r.
struct LARS: Optimizer {
  let trust: Double
  let epsilon: Double
  let momentum: Double
  let dampening: Double
  let isNesterov: Bool
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("momentum_buffer", layout.count)], numbers: [("updates", 0)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    // The buffer is zero before the first update, so 0·b + 1·g fills it with the gradient exactly.
    let isFirst = state.numbers[0] == 0
    state.numbers[0] += 1
    let keep = isFirst ? 0 : momentum
    let gain = isFirst ? 1 : 1 - dampening
    for tensor in step.layout.tensors {
      let ratio = trustRatio(of: tensor, in: step)
      step.writeUpdate(
        of: tensor,
        Kernel(
          buffer: state[0], ratio: SplitFactor(ratio),
          keep: Lanes(repeating: Float(keep)), gain: Lanes(repeating: Float(gain)),
          plainRate: Lanes(repeating: Float(isNesterov ? -step.learningRate : 0)),
          bufferRate: Lanes(
            repeating: Float(-step.learningRate * (isNesterov ? momentum : 1)))),
        weightDecay: weightDecay, maximize: maximize)
    }
  }

  /// r.
  private func trustRatio(of tensor: ParameterTensor, in step: OptimizerStep) -> Double {
    let parameterNorm = Vector.norm(step.parameters + tensor.offset, count: tensor.count)
    let gradientNorm = Vector.norm(step.gradient + tensor.offset, count: tensor.count)
    guard parameterNorm != 0, gradientNorm != 0 else { return 1 }
    return trust * parameterNorm
      / (gradientNorm + weightDecay.strength(for: tensor) * parameterNorm + epsilon)
  }

  private struct Kernel: UpdateKernel {
    let buffer: UnsafeMutablePointer<Float>
    let ratio: SplitFactor
    let keep: Lanes
    let gain: Lanes
    let plainRate: Lanes
    let bufferRate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let adapted = ratio.times(gradient)
      let moved = keep * place.load(buffer) + gain * adapted
      place.store(moved, buffer)
      return plainRate * adapted + bufferRate * moved
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var lars: Self {
    CatalogEntry(
      name: "lars", summary: "momentum descent with a rate for each tensor from its norms",
      reference: "You, Gitman & Ginsburg, 2017",
      hyperparameters: [
        .learningRate(1),
        Hyperparameter(
          "momentum", .number(.unit), default: .number(0.9), search: [.firstDecay],
          "share of the buffer kept, μ"),
        Hyperparameter(
          "dampening", .number(.unit), default: .number(0),
          "share of the gradient kept out of the buffer, τ"),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn,
        Hyperparameter(
          "nesterov", .boolean, default: .boolean(false), "look ahead along the momentum"),
        Hyperparameter(
          "trust_coefficient", .number(.positive), default: .number(0.001), scale: .logarithmic,
          "step of a tensor relative to its norm, c"),
        .eps(1e-8),
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      LARS(
        trust: options.number("trust_coefficient"), epsilon: options.number("eps"),
        momentum: options.number("momentum"), dampening: options.number("dampening"),
        isNesterov: options.boolean("nesterov"), weightDecay: WeightDecay(.coupled, in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
