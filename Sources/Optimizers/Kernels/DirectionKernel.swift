internal import Tensors

/// An elementwise rule in two parts: it takes the gradient into a direction, its momentum, and steps
/// along it. Each part is stated once: for one pass over memory, or for two with a transform of the
/// direction between them, which have the same bits where the transform changes nothing.
protocol DirectionKernel: UpdateKernel {
  /// Takes in the gradient and returns the direction.
  func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes

  /// The update along a direction, which may be another than the one that the rule remembers.
  func update(along direction: Lanes, gradient: Lanes, at place: some LanePlace) -> Lanes
}

extension DirectionKernel {
  @inline(__always)
  func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
    update(along: direction(for: gradient, at: place), gradient: gradient, at: place)
  }
}

/// The first part alone: the direction in the place of the update.
struct TakingPass<Kernel: DirectionKernel>: UpdateKernel {
  let kernel: Kernel

  @inline(__always)
  func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
    kernel.direction(for: gradient, at: place)
  }
}

/// The second part alone, along `direction`.
struct SteppingPass<Kernel: DirectionKernel>: UpdateKernel {
  let kernel: Kernel
  let direction: UnsafePointer<Float>

  @inline(__always)
  func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
    kernel.update(along: place.load(direction), gradient: gradient, at: place)
  }
}

extension OptimizerStep {
  /// Writes the whole update: in one pass, or in two with the transforms of the momentum between them.
  ///
  /// - Parameters:
  ///   - splits: Whether there are such transforms.
  ///   - transform: Applies them. A closure rather than the source, whose generic type would keep the
  ///     pass from being specialized for its kernel.
  @inline(__always)
  func writeUpdate(
    _ kernel: some DirectionKernel, weightDecay: WeightDecay = .none, maximize: Bool = false,
    splits: Bool, transforming transform: (UnsafeMutablePointer<Float>) -> Void
  ) {
    guard splits else {
      return writeUpdate(kernel, weightDecay: weightDecay, maximize: maximize)
    }
    precondition(application == nil, "an update between two passes is none yet")
    takeMomentum(kernel, weightDecay: weightDecay, maximize: maximize)
    transform(update)
    stepAlong(kernel, weightDecay: weightDecay, maximize: maximize)
  }

  @inline(never)
  private func takeMomentum(
    _ kernel: some DirectionKernel, weightDecay: WeightDecay, maximize: Bool
  ) {
    // Decay beside the rule belongs to the step along the momentum.
    writeUpdate(
      TakingPass(kernel: kernel), weightDecay: weightDecay.form == .coupled ? weightDecay : .none,
      maximize: maximize)
  }

  @inline(never)
  private func stepAlong(
    _ kernel: some DirectionKernel, weightDecay: WeightDecay, maximize: Bool
  ) {
    writeUpdate(
      SteppingPass(kernel: kernel, direction: update), weightDecay: weightDecay, maximize: maximize)
  }
}
