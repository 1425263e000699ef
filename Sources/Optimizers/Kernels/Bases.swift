internal import LinearAlgebra
internal import Tensors

/// The second moments of a matrix along its two axes, and their eigenbases, for SOAP.
///
/// A basis has its vectors in rows. An axis whose order is 0 has neither.
struct Bases {
  let shape: MatrixShape
  /// The orders of the left and the right basis.
  let left: Int
  let right: Int
  /// L, then R, row-major.
  let moments: UnsafeMutablePointer<Float>
  /// A, then B, row-major.
  let bases: UnsafeMutablePointer<Float>
  /// Where the exponent of the unit of L and R stands.
  let exponent: UnsafeMutablePointer<Float>
  /// Room for the matrix at least.
  let workspace: UnsafeMutablePointer<Float>

  /// The elements of both moments.
  var count: Int { left * left + right * right }

  /// A·x·Bᵀ; `result` may be `x`.
  func turn(_ x: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
    rotate(x, .plain(bases), .transposed(bases + left * left), into: result)
  }

  /// Aᵀ·x·B; `result` may be `x`.
  func turnBack(_ x: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
    rotate(x, .transposed(bases), .plain(bases + left * left), into: result)
  }

  private func rotate(
    _ x: UnsafePointer<Float>, _ leftFactor: MatrixFactor, _ rightFactor: MatrixFactor,
    into result: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns) = (shape.rows, shape.columns)
    if right > 0 {
      multiply(
        .plain(x), rightFactor, into: workspace, rows: rows, columns: columns, inner: columns)
    } else {
      workspace.update(from: x, count: shape.count)
    }
    if left > 0 {
      multiply(
        leftFactor, .plain(workspace), into: result, rows: rows, columns: columns, inner: rows)
    } else {
      result.update(from: workspace, count: shape.count)
    }
  }

  /// L ← L + gain·(GGᵀ − L), and R likewise, in units that hold both.
  func takeIn(_ gradient: UnsafePointer<Float>, gain: Double) {
    guard count > 0 else { return }
    let before = Int(exponent.pointee)
    let (moment, order) = left > 0 ? (moments, left) : (moments + left * left, right)
    let size = GradientUnit.size(
      ofDiagonal: moment, order: order, stride: order + 1, exponent: before)
    let unit = GradientUnit.exponent(
      for: max(size, Vector.norm(gradient, count: shape.count)), before: before)
    GradientUnit.change(moments, count: count, from: before, to: unit)
    exponent.pointee = Float(unit)
    guard unit != 0 else { return addProducts(of: gradient, gain: gain) }
    Vector.scaleInRange(
      gradient, by: GradientUnit.factor(-unit), into: workspace, count: shape.count)
    addProducts(of: workspace, gain: gain)
  }

  private func addProducts(of gradient: UnsafePointer<Float>, gain: Double) {
    if left > 0 {
      multiply(
        .plain(gradient), .transposed(gradient), into: moments, rows: left, columns: left,
        inner: shape.columns, alpha: Float(gain), beta: Float(1 - gain))
    }
    if right > 0 {
      multiply(
        .transposed(gradient), .plain(gradient), into: moments + left * left, rows: right,
        columns: right, inner: shape.rows, alpha: Float(gain), beta: Float(1 - gain))
    }
  }

  /// A and B as eigenvectors of L and R; NaN where there are none.
  func findEigenvectors() {
    for (order, offset) in [(left, 0), (right, left * left)] where order > 0 {
      let basis = bases + offset
      let moment = moments + offset
      basis.update(from: moment, count: order * order)
      guard Vector.isFinite(moment, count: order * order),
        SymmetricEigenproblem.solve(
          basis, order: order, eigenvalues: workspace, workspace: workspace + order)
      else {
        basis.update(repeating: .nan, count: order * order)
        continue
      }
    }
  }

  /// One power iteration on each basis, sorted and made orthonormal; the mean squares of the
  /// coordinates follow the order.
  func refine(squares: UnsafeMutablePointer<Float>) {
    if left > 0 {
      refine(order: left, at: 0) { first, second in
        swap(
          squares + first * shape.columns, squares + second * shape.columns, stride: 1,
          count: shape.columns)
      }
    }
    if right > 0 {
      refine(order: right, at: left * left) { first, second in
        swap(squares + first, squares + second, stride: shape.columns, count: shape.rows)
      }
    }
  }

  private func refine(order: Int, at offset: Int, exchange: (Int, Int) -> Void) {
    let basis = bases + offset
    let moment = moments + offset
    let quotients = workspace
    let product = workspace + order
    guard Vector.isFinite(moment, count: order * order) else {
      return basis.update(repeating: .nan, count: order * order)
    }
    multiply(
      .plain(basis), .plain(moment), into: product, rows: order, columns: order, inner: order)
    for row in 0..<order {
      quotients[row] = Float(
        Vector.dot(basis + row * order, product + row * order, count: order))
    }
    for row in 0..<order {
      var greatest = row
      for other in row + 1..<order where quotients[other] > quotients[greatest] {
        greatest = other
      }
      guard greatest != row else { continue }
      swap(quotients + row, quotients + greatest, stride: 1, count: 1)
      swap(product + row * order, product + greatest * order, stride: 1, count: order)
      exchange(row, greatest)
    }
    guard Vector.isFinite(product, count: order * order) else {
      return basis.update(repeating: .nan, count: order * order)
    }
    basis.update(from: product, count: order * order)
    OrthonormalRows.make(from: basis, order: order, workspace: product)
  }

  private func swap(
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, stride: Int,
    count: Int
  ) {
    for index in 0..<count {
      let kept = first[index * stride]
      first[index * stride] = second[index * stride]
      second[index * stride] = kept
    }
  }
}
