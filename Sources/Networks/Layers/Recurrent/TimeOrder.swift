/// Sequences between the order in which layers hand them on, `[rows, steps, width]`, and the one in
/// which recurrent layers compute, `[steps, rows, width]`.
enum TimeOrder {
  static func toTimeMajor(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, steps: Int,
    width: Int
  ) {
    swapOrder(x, y, outer: rows, inner: steps, width: width)
  }

  static func toBatchMajor(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, steps: Int,
    width: Int
  ) {
    swapOrder(x, y, outer: steps, inner: rows, width: width)
  }

  /// The transpose of `[rows, columns]`.
  static func transpose(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    swapOrder(x, y, outer: rows, inner: columns, width: 1)
  }

  /// `[outer, inner, width]` → `[inner, outer, width]`.
  private static func swapOrder(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, outer: Int, inner: Int, width: Int
  ) {
    if width == 1 {
      for i in 0..<inner {
        for o in 0..<outer { y[i * outer + o] = x[o * inner + i] }
      }
      return
    }
    for i in 0..<inner {
      for o in 0..<outer {
        let from = x + (o * inner + i) * width
        let to = y + (i * outer + o) * width
        for index in 0..<width { to[index] = from[index] }
      }
    }
  }
}
