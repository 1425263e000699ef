import Tensors

/// Normalisation of each column of a matrix `[rows, columns]` over its rows, forward and backward.
///
/// Matrices are row-major and followed by fifteen floats that may be read, and written where they
/// come out: the last columns of a row spill into the next, which is written after. Arrays of one
/// value for each column have the same slack.
enum BatchNormalization {
  /// The rows whose float sums become one `Double` term.
  private static let block = 256

  /// The mean of each column, and Σ (x − mean)² over its rows.
  ///
  /// One pass over memory: moments of blocks, each exact to float's rounding about its own mean, put
  /// together in `Double` (Chan, Golub & LeVeque, 1983).
  static func moments(
    _ x: UnsafePointer<Float>, mean: UnsafeMutablePointer<Double>,
    squares: UnsafeMutablePointer<Double>, rows: Int, columns: Int
  ) {
    mean.update(repeating: 0, count: columns)
    squares.update(repeating: 0, count: columns)
    var start = 0
    while start < rows {
      let count = min(block, rows - start)
      let weight = Double(start) * Double(count) / Double(start + count)
      let share = Double(count) / Double(start + count)
      for column in stride(from: 0, to: columns, by: 16) {
        let first = start * columns + column
        var sum = Lanes.zero
        for row in 0..<count { sum += Vector.load(x, first + row * columns) }
        let center = sum / Lanes(repeating: Float(count))
        var square = Lanes.zero
        // What rounding left of the sum about the centre, which corrects it.
        var rest = Lanes.zero
        for row in 0..<count {
          let difference = Vector.load(x, first + row * columns) - center
          square += difference * difference
          rest += difference
        }
        for lane in 0..<min(16, columns - column) {
          let shift = Double(rest[lane]) / Double(count)
          let blockMean = Double(center[lane]) + shift
          let delta = blockMean - mean[column + lane]
          mean[column + lane] += delta * share
          squares[column + lane] +=
            Double(square[lane]) - shift * shift * Double(count) + delta * delta * weight
        }
      }
      start += count
    }
  }

  /// y ← (x − mean) ⊙ scale + offset.
  static func apply(
    _ x: UnsafePointer<Float>, mean: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    offset: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      let start = row * columns
      var column = 0
      while column < columns {
        let centered = Vector.load(x, start + column) - Vector.load(mean, column)
        Vector.store(
          centered * Vector.load(scale, column) + Vector.load(offset, column), y, start + column)
        column += 16
      }
    }
  }

  /// Σ g and Σ g·(x − mean) over the rows of each column.
  static func gradientSums(
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    sums: UnsafeMutablePointer<Double>, products: UnsafeMutablePointer<Double>, rows: Int,
    columns: Int
  ) {
    sums.update(repeating: 0, count: columns)
    products.update(repeating: 0, count: columns)
    var start = 0
    while start < rows {
      let count = min(block, rows - start)
      for column in stride(from: 0, to: columns, by: 16) {
        let first = start * columns + column
        let center = Vector.load(mean, column)
        var sum = Lanes.zero
        var product = Lanes.zero
        for row in 0..<count {
          let value = Vector.load(g, first + row * columns)
          sum += value
          product += value * (Vector.load(x, first + row * columns) - center)
        }
        for lane in 0..<min(16, columns - column) {
          sums[column + lane] += Double(sum[lane])
          products[column + lane] += Double(product[lane])
        }
      }
      start += count
    }
  }

  /// The gradient at the inputs, (g − level − (x − mean) ⊙ slope) ⊙ scale.
  static func inputGradient(
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    scale: UnsafePointer<Float>, level: UnsafePointer<Float>, slope: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      let start = row * columns
      var column = 0
      while column < columns {
        let centered = Vector.load(x, start + column) - Vector.load(mean, column)
        let rest =
          Vector.load(g, start + column) - Vector.load(level, column)
          - centered * Vector.load(slope, column)
        Vector.store(rest * Vector.load(scale, column), gradient, start + column)
        column += 16
      }
    }
  }
}
