import LinearAlgebra
import Settings
public import Tensors

/// gain·Q with orthonormal rows or columns, whichever are fewer (Saxe, McClelland & Ganguli, 2014).
///
/// Q comes from the QR factorisation of a matrix of standard normal numbers, drawn row-major in the
/// tensor's shape `[shape[0], rest]` and transposed first where it is wide; the diagonal of R is
/// made positive, which makes Q uniformly distributed. As PyTorch's `orthogonal_`, in `Double`.
public struct OrthogonalInitialization: Initialization {
  let gain: Double

  public func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    guard tensor.role == .weight else { return tensor.zeros }
    let rows = tensor.shape[0]
    let columns = tensor.count / rows
    let isWide = rows < columns
    let drawn = (0..<tensor.count).map { _ in stream.normal() }
    let tall = isWide ? transpose(drawn, rows: rows, columns: columns) : drawn
    let q = orthogonalFactor(of: tall, rows: max(rows, columns), columns: min(rows, columns))
    return (isWide ? transpose(q, rows: columns, columns: rows) : q).map { Float(gain * $0) }
  }

  private func transpose(_ matrix: [Double], rows: Int, columns: Int) -> [Double] {
    var result = matrix
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = matrix[row * columns + column] }
    }
    return result
  }

  static let entry = CatalogEntry<any Initialization>(
    name: "orthogonal", summary: "gain times orthonormal rows or columns",
    reference: "Saxe, McClelland & Ganguli (2014)", hyperparameters: [Initializations.gain]
  ) { OrthogonalInitialization(gain: $0.number("gain")) }
}
