internal import Tensors

/// The interval [low, high] that elements are clamped to: NaN stays NaN, ±∞ becomes a bound.
struct ElementBounds: LaneRewrite {
  let low: Float
  let high: Float

  /// An index at or before the first element outside; `count` without one.
  func firstOutside(_ x: UnsafePointer<Float>, count: Int) -> Int {
    let highs = Lanes(repeating: high)
    let lows = Lanes(repeating: low)
    var index = 0
    while index + 16 <= count {
      let lanes = Vector.load(x, index)
      if any((lanes .> highs) .| (lanes .< lows)) { return index }
      index += 16
    }
    while index < count, !(x[index] > high || x[index] < low) { index += 1 }
    return index
  }

  @inline(__always)
  func rewritten(_ values: Lanes, at place: some LanePlace) -> Lanes {
    let highs = Lanes(repeating: high)
    let lows = Lanes(repeating: low)
    return values.replacing(with: highs, where: values .> highs)
      .replacing(with: lows, where: values .< lows)
  }
}
