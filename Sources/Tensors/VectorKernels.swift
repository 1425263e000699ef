internal import CVector

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

  /// out ← c·x for any c, rounded once: a factor that is no normal `Float` is applied in `Double`, so
  /// that entries of 3e38 can be scaled down to 1e-3. `out` may be `x`.
  public static func scaleInRange(
    _ x: UnsafePointer<Float>, by factor: Double, into out: UnsafeMutablePointer<Float>, count: Int
  ) {
    guard needsDouble(factor) else {
      return scale(x, by: Float(factor), into: out, count: count)
    }
    for index in 0..<count { out[index] = Float(Double(x[index]) * factor) }
  }

  /// Whether a factor is finite and not 0, but as a `Float` would be infinite, 0 or denormal.
  public static func needsDouble(_ factor: Double) -> Bool {
    factor.isFinite && factor != 0 && !Float(factor).isNormal
  }

  /// Σ xᵢ² and Σ xᵢyᵢ from one pass over memory.
  public static func sumOfSquaresAndDot(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
  ) -> (squares: Double, dot: Double) {
    var squares = 0.0
    var dot = 0.0
    for start in stride(from: 0, to: count, by: piece) {
      let middle = min(start + block, count)
      let first = blockOfSquaresAndDot(x, y, start..<middle)
      let second = blockOfSquaresAndDot(x, y, middle..<min(start + piece, count))
      let sums = cvector_sums(first.squares, first.dot, second.squares, second.dot)
      squares += Double(sums[0] + first.squaresRest)
      dot += Double(sums[1] + first.dotRest)
      squares += Double(sums[2] + second.squaresRest)
      dot += Double(sums[3] + second.dotRest)
    }
    if !isWithinFloatRange(squares) { squares = dotInDouble(x, x, count: count) }
    if !isWithinFloatRange(dot) { dot = dotInDouble(x, y, count: count) }
    return (squares, dot)
  }

  /// Not inlined, so that the sums of one block have all registers.
  @inline(never)
  private static func blockOfSquaresAndDot(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ elements: Range<Int>
  ) -> (squares: Lanes, dot: Lanes, squaresRest: Float, dotRest: Float) {
    var (s0, s1) = (Lanes.zero, Lanes.zero)
    var (d0, d1) = (Lanes.zero, Lanes.zero)
    var index = elements.lowerBound
    while index + 32 <= elements.upperBound {
      let x0 = load(x, index)
      let x1 = load(x, index + 16)
      s0 += x0 * x0
      s1 += x1 * x1
      d0 += x0 * load(y, index)
      d1 += x1 * load(y, index + 16)
      index += 32
    }
    var squaresRest: Float = 0
    var dotRest: Float = 0
    while index < elements.upperBound {
      squaresRest += x[index] * x[index]
      dotRest += x[index] * y[index]
      index += 1
    }
    return (s0 + s1, d0 + d1, squaresRest, dotRest)
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
    let middle = min(block, count)
    let first = applyBlock(update: u, to: parameters, 0..<middle)
    let second = applyBlock(update: u, to: parameters, middle..<count)
    let blocks = cvector_sums(first.update, first.parameters, second.update, second.parameters)
    var sums = AppliedUpdate()
    sums.updateSquares += Double(blocks[0] + first.updateRest)
    sums.parameterSquares += Double(blocks[1] + first.parameterRest)
    sums.updateSquares += Double(blocks[2] + second.updateRest)
    sums.parameterSquares += Double(blocks[3] + second.parameterRest)
    if !isWithinFloatRange(sums.updateSquares) {
      sums.updateSquares = dotInDouble(u, u, count: count)
    }
    if !isWithinFloatRange(sums.parameterSquares) {
      sums.parameterSquares = dotInDouble(parameters, parameters, count: count)
    }
    return sums
  }

  /// Not inlined, so that the sums of one block have all registers.
  @inline(never)
  private static func applyBlock(
    update u: UnsafePointer<Float>, to parameters: UnsafeMutablePointer<Float>,
    _ elements: Range<Int>
  ) -> (update: Lanes, parameters: Lanes, updateRest: Float, parameterRest: Float) {
    var (u0, u1) = (Lanes.zero, Lanes.zero)
    var (p0, p1) = (Lanes.zero, Lanes.zero)
    var index = elements.lowerBound
    while index + 32 <= elements.upperBound {
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
    var updateRest: Float = 0
    var parameterRest: Float = 0
    while index < elements.upperBound {
      let value = parameters[index] + u[index]
      parameters[index] = value
      updateRest += u[index] * u[index]
      parameterRest += value * value
      index += 1
    }
    return (u0 + u1, p0 + p1, updateRest, parameterRest)
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
    for start in stride(from: 0, to: count, by: 4 * block) {
      func part(_ position: Int) -> Range<Int> {
        min(start + position * block, count)..<min(start + (position + 1) * block, count)
      }
      let (a, b) = (blockOfDot(x, y, part(0)), blockOfDot(x, y, part(1)))
      let (c, d) = (blockOfDot(x, y, part(2)), blockOfDot(x, y, part(3)))
      let sums =
        cvector_sums(a.dot, b.dot, c.dot, d.dot) + SIMD4(a.rest, b.rest, c.rest, d.rest)
      for sum in 0..<4 { total += Double(sums[sum]) }
    }
    return total
  }

  /// Not inlined, so that the sums of one block have all registers.
  @inline(never)
  private static func blockOfDot(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ elements: Range<Int>
  ) -> (dot: Lanes, rest: Float) {
    var (s0, s1, s2, s3) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var index = elements.lowerBound
    let end = elements.upperBound
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
    var rest: Float = 0
    while index < end {
      rest += x[index] * y[index]
      index += 1
    }
    return ((s0 + s1) + (s2 + s3), rest)
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
