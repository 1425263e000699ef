/// Sixteen floats, the unit in which kernels work.
public typealias Lanes = SIMD16<Float>

/// Sums, products and updates of flat vectors.
///
/// Sums run in float lanes over blocks of 512 elements; the blocks' sums are added in `Double` in
/// order. Where products may have left the float range the whole sum is made in `Double`, so entries
/// of 1e30 have a finite norm (PyTorch's overflows to infinity) and entries of 1e-25 one above zero.
/// Each expression is `a * b + c` with
/// two roundings, never fused, so that a binary gives the same bits on every machine it runs on.
public enum Vector {
  /// The elements of a block whose float sum becomes one `Double` term.
  package static let block = 512

  /// Σ xᵢ².
  public static func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
    dot(x, x, count: count)
  }

  /// Σ xᵢyᵢ.
  public static func dot(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
  ) -> Double {
    let sum = dotInFloat(x, y, count: count)
    return isWithinFloatRange(sum) ? sum : dotInDouble(x, y, count: count)
  }

  /// √Σ xᵢ².
  public static func norm(_ x: UnsafePointer<Float>, count: Int) -> Double {
    sumOfSquares(x, count: count).squareRoot()
  }

  /// Whether no element is NaN or infinite.
  public static func isFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool {
    firstNonfinite(x, count: count) == nil
  }

  /// The index of the first element that is NaN or infinite.
  public static func firstNonfinite(_ x: UnsafePointer<Float>, count: Int) -> Int? {
    // x − x is 0 for a finite x and NaN otherwise; a sum of zeros stays 0.
    var index = 0
    while index + 64 <= count {
      let (a, b) = (load(x, index), load(x, index + 16))
      let (c, d) = (load(x, index + 32), load(x, index + 48))
      if (((a - a) + (b - b)) + ((c - c) + (d - d))).sum() != 0 { break }
      index += 64
    }
    while index < count {
      if !x[index].isFinite { return index }
      index += 1
    }
    return nil
  }

  /// out ← c·x. `out` may be `x`.
  public static func scale(
    _ x: UnsafePointer<Float>, by factor: Float, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    let factors = Lanes(repeating: factor)
    var index = 0
    while index + 16 <= count {
      store(load(x, index) * factors, out, index)
      index += 16
    }
    while index < count {
      out[index] = x[index] * factor
      index += 1
    }
  }

  /// Σ xᵢ² and Σ xᵢyᵢ from one pass over memory.
  public static func sumOfSquaresAndDot(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
  ) -> (squares: Double, dot: Double) {
    var squares = 0.0
    var dot = 0.0
    var index = 0
    while index < count {
      let end = min(index + block, count)
      var s0 = Lanes.zero
      var s1 = Lanes.zero
      var d0 = Lanes.zero
      var d1 = Lanes.zero
      while index + 32 <= end {
        let x0 = load(x, index)
        let x1 = load(x, index + 16)
        s0 += x0 * x0
        s1 += x1 * x1
        d0 += x0 * load(y, index)
        d1 += x1 * load(y, index + 16)
        index += 32
      }
      var squaresTail: Float = 0
      var dotTail: Float = 0
      while index < end {
        squaresTail += x[index] * x[index]
        dotTail += x[index] * y[index]
        index += 1
      }
      squares += Double((s0 + s1).sum() + squaresTail)
      dot += Double((d0 + d1).sum() + dotTail)
    }
    if !isWithinFloatRange(squares) { squares = dotInDouble(x, x, count: count) }
    if !isWithinFloatRange(dot) { dot = dotInDouble(x, y, count: count) }
    return (squares, dot)
  }

  /// The sums that describe one applied update.
  public struct AppliedUpdate: Sendable {
    /// Σ uᵢ².
    public var updateSquares = 0.0
    /// Σ θᵢ² after the update.
    public var parameterSquares = 0.0

    public init() {}

    /// Adds the sums of the next part of the same vector.
    public mutating func add(_ part: AppliedUpdate) {
      updateSquares += part.updateSquares
      parameterSquares += part.parameterSquares
    }
  }

  /// θ ← θ + u, with Σu² and Σθ² from the same pass.
  public static func apply(
    update u: UnsafePointer<Float>, to parameters: UnsafeMutablePointer<Float>, count: Int
  ) -> AppliedUpdate {
    var sums = AppliedUpdate()
    for start in stride(from: 0, to: count, by: piece) {
      sums.add(
        applyPiece(update: u + start, to: parameters + start, count: min(piece, count - start)))
    }
    return sums
  }

  /// The most elements of a piece: two vectors of them lie in the nearest cache.
  package static let piece = 2 * block

  /// θ ← θ + u for a piece of a vector. Pieces from the first element on, each of `piece` elements
  /// but the last, add up to the bits of the whole.
  package static func applyPiece(
    update u: UnsafePointer<Float>, to parameters: UnsafeMutablePointer<Float>, count: Int
  ) -> AppliedUpdate {
    var sums = AppliedUpdate()
    var index = 0
    while index < count {
      let end = min(index + block, count)
      var u0 = Lanes.zero
      var p0 = Lanes.zero
      var u1 = Lanes.zero
      var p1 = Lanes.zero
      while index + 32 <= end {
        let update0 = load(u, index)
        let update1 = load(u, index + 16)
        let value0 = load(parameters, index) + update0
        let value1 = load(parameters, index + 16) + update1
        store(value0, parameters, index)
        store(value1, parameters, index + 16)
        u0 += update0 * update0
        u1 += update1 * update1
        p0 += value0 * value0
        p1 += value1 * value1
        index += 32
      }
      var updateTail: Float = 0
      var parameterTail: Float = 0
      while index < end {
        let value = parameters[index] + u[index]
        parameters[index] = value
        updateTail += u[index] * u[index]
        parameterTail += value * value
        index += 1
      }
      sums.updateSquares += Double((u0 + u1).sum() + updateTail)
      sums.parameterSquares += Double((p0 + p1).sum() + parameterTail)
    }
    if !isWithinFloatRange(sums.updateSquares) {
      sums.updateSquares = dotInDouble(u, u, count: count)
    }
    if !isWithinFloatRange(sums.parameterSquares) {
      sums.parameterSquares = dotInDouble(parameters, parameters, count: count)
    }
    return sums
  }

  /// Loads sixteen elements from `index` on.
  @inlinable @inline(__always)
  public static func load(_ x: UnsafePointer<Float>, _ index: Int) -> Lanes {
    UnsafeRawPointer(x + index).loadUnaligned(as: Lanes.self)
  }

  /// Loads sixteen elements from `index` on.
  @inlinable @inline(__always)
  public static func load(_ x: UnsafeMutablePointer<Float>, _ index: Int) -> Lanes {
    UnsafeRawPointer(x + index).loadUnaligned(as: Lanes.self)
  }

  /// Stores sixteen elements from `index` on.
  @inlinable @inline(__always)
  public static func store(_ lanes: Lanes, _ x: UnsafeMutablePointer<Float>, _ index: Int) {
    UnsafeMutableRawPointer(x + index).storeBytes(of: lanes, as: Lanes.self)
  }

  /// Whether a sum of products in `Float` neither overflowed nor lost digits to products that are
  /// too small: a hundred million of those add up to less than 1e-30.
  private static func isWithinFloatRange(_ sum: Double) -> Bool {
    sum.isFinite && abs(sum) > 1e-24
  }

  private static func isZero(_ x: UnsafePointer<Float>, count: Int) -> Bool {
    var index = 0
    while index + 16 <= count {
      if any(load(x, index) .!= Lanes.zero) { return false }
      index += 16
    }
    while index < count {
      if x[index] != 0 { return false }
      index += 1
    }
    return true
  }

  private static func dotInFloat(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
  ) -> Double {
    var total = 0.0
    var index = 0
    while index < count {
      let end = min(index + block, count)
      var s0 = Lanes.zero
      var s1 = Lanes.zero
      var s2 = Lanes.zero
      var s3 = Lanes.zero
      while index + 64 <= end {
        s0 += load(x, index) * load(y, index)
        s1 += load(x, index + 16) * load(y, index + 16)
        s2 += load(x, index + 32) * load(y, index + 32)
        s3 += load(x, index + 48) * load(y, index + 48)
        index += 64
      }
      while index + 16 <= end {
        s0 += load(x, index) * load(y, index)
        index += 16
      }
      var tail: Float = 0
      while index < end {
        tail += x[index] * y[index]
        index += 1
      }
      total += Double(((s0 + s1) + (s2 + s3)).sum() + tail)
    }
    return total
  }

  private static func dotInDouble(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
  ) -> Double {
    // Zeros are the usual reason to come here, and quicker seen than added.
    if isZero(x, count: count) { return 0 }
    var total = 0.0
    for index in 0..<count { total += Double(x[index]) * Double(y[index]) }
    return total
  }
}
