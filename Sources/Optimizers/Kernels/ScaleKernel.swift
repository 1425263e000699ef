internal import Tensors

/// The last pass of a rule that has put its direction in the place of the update: a factor, and the
/// weight decay that the pass brings.
struct ScaleKernel: UpdateKernel {
  /// The step's update.
  let direction: UnsafeMutablePointer<Float>
  private let factor: Lanes

  init(_ direction: UnsafeMutablePointer<Float>, by factor: Double) {
    self.direction = direction
    self.factor = Lanes(repeating: Float(factor))
  }

  @inline(__always)
  func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
    factor * place.load(direction)
  }
}
