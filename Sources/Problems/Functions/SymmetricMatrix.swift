/// A symmetric matrix in double precision, such as the Hessian of a quadratic function.
struct SymmetricMatrix: Sendable {
  let order: Int
  /// Row-major.
  let values: [Double]

  init(order: Int, values: [Double]) {
    precondition(values.count == order * order, "\(values.count) numbers for order \(order)")
    self.order = order
    self.values = values
  }

  /// RᵀΛR for the diagonal matrix Λ of `eigenvalues` and a matrix R of the same order, row-major.
  init(eigenvalues: [Double], rotatedBy rotation: [Double]) {
    let order = eigenvalues.count
    var values = [Double](repeating: 0, count: order * order)
    for (index, eigenvalue) in eigenvalues.enumerated() {
      let direction = rotation[index * order..<(index + 1) * order]
      for (row, first) in direction.enumerated() {
        let factor = eigenvalue * first
        for (column, second) in direction.enumerated() {
          values[row * order + column] += factor * second
        }
      }
    }
    self.init(order: order, values: values)
  }

  /// y ← Ax.
  func multiply(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    y.update(repeating: 0, count: order)
    values.withUnsafeBufferPointer { values in
      guard var row = values.baseAddress else { return }
      // Row i is column i as well: sums of columns need no sum across lanes.
      for index in 0..<order {
        let factor = x[index]
        for column in 0..<order { y[column] += factor * row[column] }
        row += order
      }
    }
  }

  /// The product Ax.
  static func * (matrix: SymmetricMatrix, x: [Double]) -> [Double] {
    precondition(x.count == matrix.order, "\(x.count) numbers for order \(matrix.order)")
    var y = [Double](repeating: 0, count: matrix.order)
    matrix.multiply(x, into: &y)
    return y
  }
}
