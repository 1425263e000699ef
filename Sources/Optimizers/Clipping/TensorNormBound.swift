internal import Tensors

extension StepVector {
  /// Scales each tensor whose Euclidean norm exceeds its bound, or is NaN, down to the bound;
  /// returns whether there was one.
  ///
  /// - Parameter bound: The largest norm of a tensor, from the number of its elements.
  @inline(__always)
  mutating func clipTensorNorms(to bound: (_ elements: Double) -> Double) -> Bool {
    var fired = false
    var squares = 0.0
    let tensors = layout.tensors
    for index in tensors.indices {
      let offset = tensors[index].offset
      let count = tensors[index].count
      let norm = Vector.norm(values + offset, count: count)
      let largest = bound(Double(count))
      // Not `norm > largest`: a NaN norm fires too.
      guard !(norm <= largest) else {
        squares += norm * norm
        continue
      }
      let factor = largest / norm
      let target = mutableValues() + offset
      Vector.scaleInRange(target, by: factor, into: target, count: count)
      let clipped = norm * (Vector.needsDouble(factor) ? factor : Double(Float(factor)))
      squares += clipped * clipped
      fired = true
    }
    // The scaled norm is known to float rounding; a pass to measure it would say no more.
    if fired { setKnownNorm(squares.squareRoot()) }
    return fired
  }
}
