internal import CLAPACK

/// The eigenvectors and eigenvalues of a symmetric matrix in single precision, without allocation
/// (LAPACK's `ssyevd`).
public enum SymmetricEigenproblem {
  /// The floats of workspace that a matrix of the given order needs.
  public static func workspaceCount(order: Int) -> Int {
    realCount(order: order) + integerCount(order: order)
  }

  /// Replaces a symmetric matrix by its eigenvectors, one in each row.
  ///
  /// With E for the result and Λ for the diagonal matrix of the eigenvalues the matrix was EᵀΛE. The
  /// sign of each row, and the rows of an eigenvalue that occurs more than once, are LAPACK's choice.
  ///
  /// - Parameters:
  ///   - matrix: `order`² finite numbers, row-major.
  ///   - order: Positive.
  ///   - eigenvalues: Where the `order` eigenvalues go, the least first.
  ///   - workspace: `workspaceCount(order:)` floats of which nothing is kept.
  /// - Returns: Whether the iteration converged; if not, the contents mean nothing.
  public static func solve(
    _ matrix: UnsafeMutablePointer<Float>, order: Int, eigenvalues: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) -> Bool {
    precondition(order > 0, "no eigenproblem of order \(order)")
    Threads.limitOpenBLASToOneThread
    let n = Int32(order)
    let reals = realCount(order: order)
    let integers = integerCount(order: order)
    let status = (workspace + reals).withMemoryRebound(to: Int32.self, capacity: integers) {
      // LAPACK's columns are our rows.
      LAPACKE_ssyevd_work(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), n, matrix, n,
        eigenvalues, workspace, Int32(reals), $0, Int32(integers))
    }
    return status == 0
  }

  private static func realCount(order: Int) -> Int { 1 + 6 * order + 2 * order * order }
  private static func integerCount(order: Int) -> Int { 3 + 5 * order }
}
