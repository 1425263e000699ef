import Settings
import Tensors

/// f(A, B) = ½‖AB − M‖²_F for A of shape [rows, rank] and B of shape [rank, columns]: a linear network
/// with one hidden layer on white inputs. All its local minima are global, all other critical points
/// saddles (Baldi & Hornik, 1989).
///
/// M = A′B′/√rank with A′ and B′ standard normal, row-major, from the streams
/// `matrix-factorization/left` and `…/right` of seed 0, so the minimum is 0. A run starts from 0.3 times
/// standard normal numbers of the streams `initial-parameters/left` and `…/right` of its seed (no start
/// spread by default); the standard start is that of seed 0. The unit is ½‖M‖²_F, the value at 0.
struct MatrixFactorization: TestFunction {
  let rows: Int
  let columns: Int
  let rank: Int
  private let left: [Double]
  private let right: [Double]
  /// M, row-major.
  private let product: [Double]

  init(rows: Int, columns: Int, rank: Int) {
    self.rows = rows
    self.columns = columns
    self.rank = rank
    var leftStream = RandomStream(seed: 0, name: "matrix-factorization/left")
    var rightStream = RandomStream(seed: 0, name: "matrix-factorization/right")
    // Each factor takes half of the division by √rank.
    let scale = 1 / Double(rank).squareRoot().squareRoot()
    let left = (0..<rows * rank).map { _ in scale * leftStream.normal() }
    let right = (0..<rank * columns).map { _ in scale * rightStream.normal() }
    var product = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for inner in 0..<rank {
        for column in 0..<columns {
          product[row * columns + column] +=
            left[row * rank + inner] * right[inner * columns + column]
        }
      }
    }
    self.left = left
    self.right = right
    self.product = product
  }

  var summary: String { "factorization of a \(rows)×\(columns) matrix of rank \(rank)" }
  var dimension: Int { left.count + right.count }
  var layout: ParameterLayout {
    ParameterLayout([
      ("left", [rows, rank], .weight), ("right", [rank, columns], .weight),
    ])
  }
  var lowerBound: Double { 0 }
  var unit: Double { product.reduce(0) { $0 + $1 * $1 } / 2 }
  var start: [Double] { start(seed: 0) }
  var minimum: [Double]? { left + right }
  var workspaceCount: Int { columns }

  func start(seed: UInt64) -> [Double] {
    [("left", left.count), ("right", right.count)].flatMap { name, count in
      var stream = RandomStream(seed: seed, name: "initial-parameters/\(name)")
      return (0..<count).map { _ in 0.3 * stream.normal() }
    }
  }

  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    let a = x
    let b = x + left.count
    let aSlope = gradient
    let bSlope = gradient + left.count
    let residual = workspace
    bSlope.update(repeating: 0, count: right.count)
    var total = 0.0
    for row in 0..<rows {
      for column in 0..<columns { residual[column] = -product[row * columns + column] }
      for inner in 0..<rank {
        let factor = a[row * rank + inner]
        for column in 0..<columns { residual[column] += factor * b[inner * columns + column] }
      }
      for column in 0..<columns { total += residual[column] * residual[column] }
      for inner in 0..<rank {
        let factor = a[row * rank + inner]
        var slope = 0.0
        for column in 0..<columns {
          slope += residual[column] * b[inner * columns + column]
          bSlope[inner * columns + column] += factor * residual[column]
        }
        aSlope[row * rank + inner] = slope
      }
    }
    return total / 2
  }

  static let entry = Functions.entry(
    name: "matrix-factorization", summary: "two factors of a matrix, a linear network; minimum 0",
    reference: "Baldi & Hornik (1989)",
    hyperparameters: [
      Hyperparameter("rows", .integer(1...1000), default: .integer(10), "rows of the matrix"),
      Hyperparameter("columns", .integer(1...1000), default: .integer(10), "columns of the matrix"),
      Hyperparameter(
        "rank", .integer(1...1000), default: .integer(3), "columns of the left factor"),
    ], startSpread: 0
  ) { options in
    MatrixFactorization(
      rows: options.integer("rows"), columns: options.integer("columns"),
      rank: options.integer("rank"))
  }
}
