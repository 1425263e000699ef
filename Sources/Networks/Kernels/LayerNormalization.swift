import Tensors

/// Normalisation of each row to mean 0 and variance 1, with a factor and an offset for each column.
///
/// Matrices are `[rows, columns]`, row-major, and followed by `activationSlack` floats: the last
/// columns of a row spill into the next, which is written after. `weight`, `bias` and their
/// gradients have `columns` elements and the same slack.
enum LayerNormalization {
  /// y ← (x − μ)/√(σ² + ε) ⊙ w + b, with the mean μ and the variance σ² (over n) of the row.
  ///
  /// - Parameter statistics: Receives μ and 1/√(σ² + ε) of each row.
  static func forward(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    epsilon: Double, into y: UnsafeMutablePointer<Float>, statistics: UnsafeMutablePointer<Float>,
    rows: Int, columns: Int
  ) {
    let whole = columns & ~15
    let tail = Tail(count: columns - whole)
    for row in 0..<rows {
      let start = x + row * columns
      let mean = sum(start, minus: 0, squared: false, whole, tail, columns) / Float(columns)
      let variance = sum(start, minus: mean, squared: true, whole, tail, columns) / Float(columns)
      let scale = Float(1 / (Double(variance) + epsilon).squareRoot())
      statistics[2 * row] = mean
      statistics[2 * row + 1] = scale
      let means = Lanes(repeating: mean)
      let scales = Lanes(repeating: scale)
      for column in stride(from: 0, to: columns, by: 16) {
        let normal = (Vector.load(start, column) - means) * scales
        Vector.store(
          normal * Vector.load(weight, column) + Vector.load(bias, column), y + row * columns,
          column)
      }
    }
  }

  /// The gradients Σ_rows g ⊙ x̂ and Σ_rows g of weight and bias, and where wanted that at the input:
  /// (h − mean(h) − x̂·mean(h ⊙ x̂))/√(σ² + ε) with h = g ⊙ w and x̂ the normalised row.
  static func backward(
    _ g: UnsafePointer<Float>, input x: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    statistics: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?,
    rows: Int, columns: Int
  ) {
    let whole = columns & ~15
    let tail = Tail(count: columns - whole)
    for column in stride(from: 0, to: columns, by: 16) {
      Vector.store(.zero, weightGradient, column)
      Vector.store(.zero, biasGradient, column)
    }
    let share = 1 / Float(columns)
    for row in 0..<rows {
      let gRow = g + row * columns
      let xRow = x + row * columns
      let means = Lanes(repeating: statistics[2 * row])
      let scales = Lanes(repeating: statistics[2 * row + 1])
      var gains = Lanes.zero
      var overlaps = Lanes.zero
      for column in stride(from: 0, to: columns, by: 16) {
        var slope = Vector.load(gRow, column)
        var normal = (Vector.load(xRow, column) - means) * scales
        var gain = slope * Vector.load(weight, column)
        if column == whole {
          slope = tail.join(slope, behind: .zero)
          normal = tail.join(normal, behind: .zero)
          gain = tail.join(gain, behind: .zero)
        }
        Vector.store(Vector.load(weightGradient, column) + slope * normal, weightGradient, column)
        Vector.store(Vector.load(biasGradient, column) + slope, biasGradient, column)
        gains += gain
        overlaps += gain * normal
      }
      guard let inputGradient else { continue }
      let meanGain = Lanes(repeating: gains.sum() * share)
      let meanOverlap = Lanes(repeating: overlaps.sum() * share)
      for column in stride(from: 0, to: columns, by: 16) {
        let normal = (Vector.load(xRow, column) - means) * scales
        let gain = Vector.load(gRow, column) * Vector.load(weight, column)
        Vector.store(
          (gain - meanGain - normal * meanOverlap) * scales, inputGradient + row * columns, column)
      }
    }
  }

  /// Σ (x − m), or Σ (x − m)².
  @inline(__always)
  private static func sum(
    _ x: UnsafePointer<Float>, minus center: Float, squared: Bool, _ whole: Int, _ tail: Tail,
    _ columns: Int
  ) -> Float {
    let centers = Lanes(repeating: center)
    var sum = Lanes.zero
    for column in stride(from: 0, to: columns, by: 16) {
      var term = Vector.load(x, column) - centers
      if squared { term *= term }
      if column == whole { term = tail.join(term, behind: .zero) }
      sum += term
    }
    return sum.sum()
  }
}
