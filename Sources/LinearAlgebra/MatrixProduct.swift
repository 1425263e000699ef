internal import COneDNN

/// A contiguous row-major matrix as a factor of a product, taken as it lies or transposed.
public struct MatrixFactor {
  let elements: UnsafePointer<Float>
  let isTransposed: Bool

  /// The matrix as it lies in memory.
  public static func plain(_ elements: UnsafePointer<Float>) -> MatrixFactor {
    MatrixFactor(elements: elements, isTransposed: false)
  }

  /// The transpose of the matrix that lies in memory.
  public static func transposed(_ elements: UnsafePointer<Float>) -> MatrixFactor {
    MatrixFactor(elements: elements, isTransposed: true)
  }
}

/// C ← α·A·B + β·C in single precision, by oneDNN's `sgemm`.
///
/// Runs on as many threads as the calling thread's OpenMP setting says; see `Threads`. With
/// `beta` 0 the old contents of C do not matter, NaN included. NaN and infinities in A and B come
/// through as IEEE 754 says.
///
/// - Parameters:
///   - a: A of shape `[rows, inner]`; in memory `[inner, rows]` where it is transposed.
///   - b: B of shape `[inner, columns]`; in memory `[columns, inner]` where it is transposed.
///   - c: C of shape `[rows, columns]`, which shares no memory with A and B.
///   - rows: The rows of A and C, positive.
///   - columns: The columns of B and C, positive.
///   - inner: The columns of A and rows of B, positive.
///   - alpha: The factor α of the product.
///   - beta: The factor β of the old contents of C.
public func multiply(
  _ a: MatrixFactor, _ b: MatrixFactor, into c: UnsafeMutablePointer<Float>, rows: Int,
  columns: Int, inner: Int, alpha: Float = 1, beta: Float = 0
) {
  precondition(
    rows > 0 && columns > 0 && inner > 0,
    "no matrix product of [\(rows), \(inner)] by [\(inner), \(columns)]")
  let status = dnnl_sgemm(
    a.isTransposed ? Int8(UInt8(ascii: "T")) : Int8(UInt8(ascii: "N")),
    b.isTransposed ? Int8(UInt8(ascii: "T")) : Int8(UInt8(ascii: "N")),
    dnnl_dim_t(rows), dnnl_dim_t(columns), dnnl_dim_t(inner), alpha,
    a.elements, dnnl_dim_t(a.isTransposed ? rows : inner),
    b.elements, dnnl_dim_t(b.isTransposed ? inner : columns), beta,
    c, dnnl_dim_t(columns))
  precondition(
    status == dnnl_success,
    "oneDNN refused the product of [\(rows), \(inner)] by [\(inner), \(columns)]: "
      + "status \(status.rawValue)")
}
