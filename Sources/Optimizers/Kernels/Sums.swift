internal import CVector
internal import Tensors

/// Sums of single vectors, like those of `Vector`: float lanes over blocks of 512, the blocks' sums
/// added in Double in order.
enum Sums {
  /// Σ xᵢ.
  static func sum(_ x: UnsafePointer<Float>, count: Int) -> Double {
    blocks(x, count: count) { $0 }
  }

  /// Σ |xᵢ|.
  static func absolute(_ x: UnsafePointer<Float>, count: Int) -> Double {
    blocks(x, count: count) { cvector_abs($0) }
  }

  @inline(__always)
  private static func blocks(
    _ x: UnsafePointer<Float>, count: Int, _ term: (Lanes) -> Lanes
  ) -> Double {
    var total = 0.0
    var index = 0
    while index < count {
      let end = min(index + 512, count)
      var sums = Lanes.zero
      while index + 16 <= end {
        sums += term(Vector.load(x, index))
        index += 16
      }
      if index < end {
        sums += term(PartialLanes(index: index, count: end - index).load(x))
        index = end
      }
      total += Double(sums.sum())
    }
    return total
  }
}
