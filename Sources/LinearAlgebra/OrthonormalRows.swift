internal import CLAPACK

/// Orthonormal rows from the rows of a square matrix in single precision, without allocation
/// (Householder, LAPACK's `sgeqrf` and `sorgqr`).
public enum OrthonormalRows {
  /// The floats of workspace that a matrix of the given order needs.
  public static func workspaceCount(order: Int) -> Int { order + blockCount(order: order) }

  /// Replaces the rows of a matrix by orthonormal ones, such that for each k the first k rows span
  /// what the first k rows of the matrix spanned: the Q of the QR decomposition of the transpose, with
  /// the signs that LAPACK gives.
  ///
  /// - Parameters:
  ///   - matrix: `order`² finite numbers, row-major.
  ///   - order: Positive.
  ///   - workspace: `workspaceCount(order:)` floats of which nothing is kept.
  public static func make(
    from matrix: UnsafeMutablePointer<Float>, order: Int, workspace: UnsafeMutablePointer<Float>
  ) {
    precondition(order > 0, "no orthonormal rows of order \(order)")
    Threads.limitOpenBLASToOneThread
    let n = Int32(order)
    let reflectors = workspace
    let block = workspace + order
    let blocks = Int32(blockCount(order: order))
    // LAPACK's columns are our rows.
    var status = LAPACKE_sgeqrf_work(LAPACK_COL_MAJOR, n, n, matrix, n, reflectors, block, blocks)
    precondition(status == 0, "LAPACK's sgeqrf of order \(order) failed: \(status)")
    status = LAPACKE_sorgqr_work(LAPACK_COL_MAJOR, n, n, n, matrix, n, reflectors, block, blocks)
    precondition(status == 0, "LAPACK's sorgqr of order \(order) failed: \(status)")
  }

  /// LAPACK's blocks have at most 64 columns.
  private static func blockCount(order: Int) -> Int { 64 * order }
}
