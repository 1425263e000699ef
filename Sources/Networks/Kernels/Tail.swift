import Tensors

/// The last `count` < 16 columns of a row, handled in lanes.
struct Tail {
  private let count: Int
  private let isInside: SIMDMask<SIMD16<Int32>>

  @inline(__always)
  init(count: Int) {
    self.count = count
    let lane = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    isInside = lane .< SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: count))
  }

  /// The lanes of `new` that belong to the row, and those of `old` behind them.
  @inline(__always)
  func join(_ new: Lanes, behind old: Lanes) -> Lanes { old.replacing(with: new, where: isInside) }

  /// Replaces the row's elements at `index` and keeps what lies behind them.
  @inline(__always)
  func replace(_ x: UnsafeMutablePointer<Float>, _ index: Int, with new: Lanes) {
    Vector.store(join(new, behind: Vector.load(x, index)), x, index)
  }

  /// `count` elements that nothing may follow, with zeros behind.
  @inline(__always)
  func load(_ x: UnsafePointer<Float>) -> Lanes {
    var lanes = Lanes.zero
    for lane in 0..<count { lanes[lane] = x[lane] }
    return lanes
  }

  /// Stores `count` elements that something else may follow.
  @inline(__always)
  func store(_ lanes: Lanes, _ x: UnsafeMutablePointer<Float>) {
    for lane in 0..<count { x[lane] = lanes[lane] }
  }
}
