internal import Tensors

/// An elementwise rule: from the gradient to the update, sixteen elements at a time, reading and
/// writing the rule's own state at the same place.
protocol UpdateKernel {
  func update(for gradient: Lanes, at place: some LanePlace) -> Lanes
}

/// A choice between two variants of a kernel, made before the loop: a kernel that is generic over
/// its variants compiles to one loop for each, without a test inside.
protocol KernelSwitch {
  static var isOn: Bool { get }
}

enum SwitchedOn: KernelSwitch {
  static var isOn: Bool {
    @inline(__always) get { true }
  }
}

enum SwitchedOff: KernelSwitch {
  static var isOn: Bool {
    @inline(__always) get { false }
  }
}

extension OptimizerStep {
  /// Writes the whole update in one pass over memory.
  ///
  /// The rule sees −g where it is to `maximize`; weight decay comes after the sign, as in PyTorch.
  @inline(__always)
  func writeUpdate(
    _ kernel: some UpdateKernel, weightDecay: WeightDecay = .none, maximize: Bool = false
  ) {
    let sign = Lanes(repeating: maximize ? -1 : 1)
    switch weightDecay {
    case .none:
      sweep(kernel, NoDecay(), sign: sign)
    case .coupled(let strength):
      sweep(
        kernel,
        CoupledDecay(parameters: parameters, strength: Lanes(repeating: Float(strength))),
        sign: sign)
    case .decoupled(let strength):
      sweep(
        kernel,
        DecoupledDecay(
          parameters: parameters, shrinkage: Lanes(repeating: Float(learningRate * strength))),
        sign: sign)
    }
  }

  @inline(__always)
  private func sweep(_ kernel: some UpdateKernel, _ decay: some DecayTerms, sign: Lanes) {
    var index = 0
    while index + 16 <= count {
      write(kernel, decay, sign: sign, at: WholeLanes(index: index))
      index += 16
    }
    if index < count {
      write(kernel, decay, sign: sign, at: PartialLanes(index: index, count: count - index))
    }
  }

  @inline(__always)
  private func write(
    _ kernel: some UpdateKernel, _ decay: some DecayTerms, sign: Lanes, at place: some LanePlace
  ) {
    let seen = decay.gradient(sign * place.load(gradient), at: place)
    place.store(decay.update(kernel.update(for: seen, at: place), at: place), update)
  }
}
