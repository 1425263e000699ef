import Tensors
import TestSupport
import Testing

/// Vector kernels against plain sums in `Double`, at sizes around the lane and block boundaries.
struct VectorKernelTests {
  static let sizes = [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 511, 512, 513, 10_000]

  @Test(arguments: sizes)
  func sumsAgreeWithDoublePrecision(count: Int) {
    let (x, y) = normals(count)
    let dot = zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let squares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
    let magnitude = zip(x, y).reduce(0.0) { $0 + abs(Double($1.0) * Double($1.1)) }
    withBuffers(x, y) { x, y in
      #expect(isClose(Vector.sumOfSquares(x, count: count), squares, relative: 1e-6))
      #expect(isClose(Vector.norm(x, count: count), squares.squareRoot(), relative: 1e-6))
      #expect(abs(Vector.dot(x, y, count: count) - dot) <= 1e-6 * magnitude)
      let both = Vector.sumOfSquaresAndDot(x, y, count: count)
      #expect(isClose(both.squares, squares, relative: 1e-6))
      #expect(abs(both.dot - dot) <= 1e-6 * magnitude)
    }
  }

  @Test(arguments: sizes)
  func scalingIsElementwiseAndStaysWithinItsBounds(count: Int) {
    let (x, _) = normals(count)
    let source = FloatBuffer(x)
    let target = FloatBuffer(count: count + 16, repeating: 7)
    Vector.scale(source.pointer, by: -0.3, into: target.pointer, count: count)
    #expect(target.values == x.map { $0 * -0.3 } + Array(repeating: 7, count: 16))
    Vector.scale(source.pointer, by: -0.3, into: source.pointer, count: count)
    #expect(source.values == x.map { $0 * -0.3 })
  }

  @Test(arguments: sizes)
  func anUpdateIsAppliedElementwiseWithItsSums(count: Int) {
    let (update, parameters) = normals(count)
    let u = FloatBuffer(update)
    let p = FloatBuffer(parameters + Array(repeating: 7, count: 16))
    let sums = Vector.apply(update: u.pointer, to: p.pointer, count: count)
    let expected = zip(parameters, update).map { $0 + $1 }
    #expect(p.values == expected + Array(repeating: 7, count: 16))
    #expect(isClose(sums.updateSquares, squares(update), relative: 1e-6))
    #expect(isClose(sums.parameterSquares, squares(expected), relative: 1e-6))
  }

  @Test func sumsDoNotDependOnTheAlignment() {
    let (x, y) = normals(1_000)
    let expected = withBuffers(x, y) { Vector.dot($0, $1, count: 1_000) }
    for shift in [1, 3, 15] {
      let padding = [Float](repeating: 0, count: shift)
      withBuffers(padding + x, padding + y) { x, y in
        #expect(Vector.dot(x + shift, y + shift, count: 1_000) == expected)
      }
    }
  }

  @Test(arguments: [1, 16, 100, 513])
  func hugeEntriesHaveAFiniteNorm(count: Int) {
    let huge = FloatBuffer(count: count, repeating: 1e30)
    let expected = 1e30 * Double(count).squareRoot()
    #expect(isClose(Vector.norm(huge.pointer, count: count), expected, relative: 1e-6))
    let both = Vector.sumOfSquaresAndDot(huge.pointer, huge.pointer, count: count)
    #expect(isClose(both.squares, expected * expected, relative: 1e-6))
    #expect(isClose(both.dot, expected * expected, relative: 1e-6))
    let other = FloatBuffer(count: count, repeating: 1e30)
    let sums = Vector.apply(update: huge.pointer, to: other.pointer, count: count)
    #expect(isClose(sums.updateSquares, expected * expected, relative: 1e-6))
    #expect(isClose(sums.parameterSquares, 4 * expected * expected, relative: 1e-6))
  }

  @Test(arguments: [1, 16, 100, 513])
  func tinyEntriesHaveANormAboveZero(count: Int) {
    // Their squares are below the smallest Float.
    let tiny = FloatBuffer(count: count, repeating: 1e-25)
    let expected = 1e-25 * Double(count).squareRoot()
    #expect(isClose(Vector.norm(tiny.pointer, count: count), expected, relative: 1e-6))
    let sum = Vector.dot(tiny.pointer, tiny.pointer, count: count)
    #expect(isClose(sum, expected * expected, relative: 1e-6))
    let both = Vector.sumOfSquaresAndDot(tiny.pointer, tiny.pointer, count: count)
    #expect(isClose(both.squares, sum) && isClose(both.dot, sum))
    let zero = FloatBuffer(count: count)
    let sums = Vector.apply(update: tiny.pointer, to: zero.pointer, count: count)
    #expect(isClose(sums.updateSquares, expected * expected, relative: 1e-6))
    #expect(isClose(sums.parameterSquares, expected * expected, relative: 1e-6))
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func aNonfiniteEntryIsFoundWhereverItIs(value: Float) {
    for count in [1, 16, 17, 64, 65, 600] {
      let finite = FloatBuffer(count: count, repeating: .greatestFiniteMagnitude)
      #expect(Vector.isFinite(finite.pointer, count: count))
      #expect(Vector.firstNonfinite(finite.pointer, count: count) == nil)
      for position in 0..<count {
        let buffer = FloatBuffer(count: count, repeating: -1)
        buffer.pointer[position] = value
        if position + 20 < count { buffer.pointer[position + 20] = .nan }
        #expect(Vector.firstNonfinite(buffer.pointer, count: count) == position)
        #expect(!Vector.isFinite(buffer.pointer, count: count))
        #expect(!Vector.norm(buffer.pointer, count: count).isFinite)
      }
    }
  }

  @Test func infinityAndNotANumberStayApartInANorm() {
    let buffer = FloatBuffer([1, .infinity, 2])
    #expect(Vector.norm(buffer.pointer, count: 3) == .infinity)
    buffer.pointer[2] = .nan
    #expect(Vector.norm(buffer.pointer, count: 3).isNaN)
  }

  @Test(arguments: sizes)
  func zerosHaveNormZero(count: Int) {
    let zeros = FloatBuffer(count: count)
    #expect(Vector.norm(zeros.pointer, count: count) == 0)
    #expect(Vector.dot(zeros.pointer, zeros.pointer, count: count) == 0)
  }

  @Test func nothingIsFinite() {
    let empty = FloatBuffer(count: 0)
    #expect(Vector.isFinite(empty.pointer, count: 0))
  }
}

private func normals(_ count: Int) -> ([Float], [Float]) {
  var stream = RandomStream(seed: UInt64(count), name: "kernels")
  let x = (0..<count).map { _ in Float(stream.normal()) }
  return (x, x.map { _ in Float(stream.normal()) })
}

private func squares(_ values: [Float]) -> Double {
  values.reduce(0) { $0 + Double($1) * Double($1) }
}

private func withBuffers<Result>(
  _ x: [Float], _ y: [Float],
  _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Result
) -> Result {
  let x = FloatBuffer(x)
  let y = FloatBuffer(y)
  return withExtendedLifetime((x, y)) { body(x.pointer, y.pointer) }
}
