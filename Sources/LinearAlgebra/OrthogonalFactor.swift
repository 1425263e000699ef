internal import CLAPACK

/// The factor Q of A = QR with orthonormal columns and a nonnegative diagonal of R, which makes it
/// unique for a matrix of full rank (Householder, LAPACK's `dgeqrf` and `dorgqr`).
///
/// - Parameters:
///   - matrix: A, row-major of shape `[rows, columns]`, finite.
///   - rows: At least `columns`.
///   - columns: At least 1.
/// - Returns: Q, row-major of the same shape.
public func orthogonalFactor(of matrix: [Double], rows: Int, columns: Int) -> [Double] {
  precondition(
    rows >= columns && columns > 0 && matrix.count == rows * columns,
    "no orthonormal columns from \(matrix.count) numbers as [\(rows), \(columns)]")
  Threads.limitOpenBLASToOneThread
  var q = matrix
  var reflectors = [Double](repeating: 0, count: columns)
  let m = Int32(rows)
  let n = Int32(columns)
  var status = LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, m, n, &q, n, &reflectors)
  precondition(status == 0, "LAPACK's dgeqrf of [\(rows), \(columns)] failed: \(status)")
  let isNegative = (0..<columns).map { q[$0 * columns + $0] < 0 }
  status = LAPACKE_dorgqr(LAPACK_ROW_MAJOR, m, n, n, &q, n, reflectors)
  precondition(status == 0, "LAPACK's dorgqr of [\(rows), \(columns)] failed: \(status)")
  for column in 0..<columns where isNegative[column] {
    for row in 0..<rows { q[row * columns + column].negate() }
  }
  return q
}
