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
  /// Writes the whole update in one pass over memory, and applies it in the same pass where the step
  /// gives leave.
  ///
  /// The rule sees −g where it is to `maximize`; weight decay comes after the sign, as in PyTorch.
  @inline(__always)
  func writeUpdate(
    _ kernel: some UpdateKernel, weightDecay: WeightDecay = .none, maximize: Bool = false
  ) {
    if let application {
      return apply(kernel, weightDecay: weightDecay, maximize: maximize, application)
    }
    // Regions of equal decay: all, or each tensor by itself.
    for region in 0..<(weightDecay.isPartial ? layout.tensors.count : 1) {
      var elements = 0..<count
      var strength = weightDecay.strength
      if weightDecay.isPartial {
        elements = layout.tensors[region].elements
        strength = weightDecay.strength(for: layout.tensors[region])
      }
      sweep(
        kernel, over: elements, decay: weightDecay.form, strength: strength, maximize: maximize)
    }
  }

  /// Writes the update of one tensor, for rules that also look at a tensor as a whole.
  @inline(__always)
  func writeUpdate(
    of tensor: ParameterTensor, _ kernel: some UpdateKernel, weightDecay: WeightDecay = .none,
    maximize: Bool = false
  ) {
    sweep(
      kernel, over: tensor.elements, decay: weightDecay.form,
      strength: weightDecay.strength(for: tensor), maximize: maximize)
  }

  @inline(__always)
  private func sweep(
    _ kernel: some UpdateKernel, over elements: Range<Int>, decay: WeightDecay.Form,
    strength: Double, maximize: Bool
  ) {
    let sign = Lanes(repeating: maximize ? -1 : 1)
    if strength == 0 {
      sweep(kernel, NoDecay(), sign: sign, over: elements, into: update)
    } else if decay == .coupled {
      let terms = GradientDecay(
        parameters: parameters, strength: Lanes(repeating: Float(strength)))
      sweep(kernel, terms, sign: sign, over: elements, into: update)
    } else if decay == .decoupled {
      let terms = DecoupledDecay(strength: strength, step: self)
      sweep(kernel, terms, sign: sign, over: elements, into: update)
    } else {
      let terms = ParameterDecay(decay, strength: strength, step: self)
      sweep(kernel, terms, sign: sign, over: elements, into: update)
    }
  }

  @inline(__always)
  private func sweep(
    _ kernel: some UpdateKernel, _ decay: some DecayTerms, sign: Lanes, over elements: Range<Int>,
    into target: UnsafeMutablePointer<Float>
  ) {
    var index = elements.lowerBound
    let end = elements.upperBound
    while index + 16 <= end {
      write(kernel, decay, sign: sign, at: WholeLanes(index: index), into: target)
      index += 16
    }
    if index < end {
      write(
        kernel, decay, sign: sign, at: PartialLanes(index: index, count: end - index), into: target)
    }
  }

  @inline(__always)
  private func write(
    _ kernel: some UpdateKernel, _ decay: some DecayTerms, sign: Lanes, at place: some LanePlace,
    into target: UnsafeMutablePointer<Float>
  ) {
    place.store(lanes(kernel, decay, sign: sign, at: place), target)
  }

  /// Sixteen elements of the update.
  @inline(__always)
  private func lanes(
    _ kernel: some UpdateKernel, _ decay: some DecayTerms, sign: Lanes, at place: some LanePlace
  ) -> Lanes {
    let seen = decay.gradient(sign * place.load(gradient), at: place)
    return decay.update(kernel.update(for: seen, at: place), at: place)
  }

  @inline(__always)
  private func apply(
    _ kernel: some UpdateKernel, weightDecay: WeightDecay, maximize: Bool,
    _ application: UpdateApplication
  ) {
    let sign = Lanes(repeating: (maximize ? -1 : 1) * application.gradientFactor)
    for index in layout.tensors.indices {
      let strength = weightDecay.strength(for: layout.tensors[index])
      let elements = layout.tensors[index].elements
      let sums: Vector.AppliedUpdate
      if strength == 0 {
        sums = apply(kernel, NoDecay(), sign: sign, over: elements, application)
      } else if weightDecay.form == .coupled {
        let terms = GradientDecay(
          parameters: parameters, strength: Lanes(repeating: Float(strength)))
        sums = apply(kernel, terms, sign: sign, over: elements, application)
      } else if weightDecay.form == .decoupled {
        let terms = DecoupledDecay(strength: strength, step: self)
        sums = apply(kernel, terms, sign: sign, over: elements, application)
      } else {
        let terms = ParameterDecay(weightDecay.form, strength: strength, step: self)
        sums = apply(kernel, terms, sign: sign, over: elements, application)
      }
      application.sums[index] = sums
    }
    application.finish()
  }

  /// One tensor's update, written and applied piece by piece: a piece is still in the nearest cache
  /// when it is applied and measured.
  @inline(__always)
  private func apply(
    _ kernel: some UpdateKernel, _ decay: some DecayTerms, sign: Lanes, over elements: Range<Int>,
    _ application: UpdateApplication
  ) -> Vector.AppliedUpdate {
    var sums = Vector.AppliedUpdate()
    guard application.measures else {
      applyUnmeasured(kernel, decay, sign: sign, over: elements, application.parameters)
      return sums
    }
    let piece = application.piece.pointer
    var start = elements.lowerBound
    while start < elements.upperBound {
      let end = min(start + Vector.piece, elements.upperBound)
      sweep(kernel, decay, sign: sign, over: start..<end, into: piece - start)
      sums.add(
        Vector.applyPiece(
          update: piece, to: application.parameters + start, count: end - start))
      start = end
    }
    return sums
  }

  /// One tensor's update, applied while it is in registers, which have no room for sums as well.
  @inline(__always)
  private func applyUnmeasured(
    _ kernel: some UpdateKernel, _ decay: some DecayTerms, sign: Lanes, over elements: Range<Int>,
    _ target: UnsafeMutablePointer<Float>
  ) {
    var index = elements.lowerBound
    let end = elements.upperBound
    while index + 16 <= end {
      let place = WholeLanes(index: index)
      place.store(place.load(target) + lanes(kernel, decay, sign: sign, at: place), target)
      index += 16
    }
    if index < end {
      let place = PartialLanes(index: index, count: end - index)
      place.store(place.load(target) + lanes(kernel, decay, sign: sign, at: place), target)
    }
  }
}

extension ParameterTensor {
  /// Where the tensor lies in the flat vector.
  var elements: Range<Int> { offset..<offset + count }
}
