internal import Tensors

/// A tensor of two axes or more as a matrix: the first axis by all others, so a convolution's
/// filters are rows.
struct MatrixShape {
  let rows: Int
  let columns: Int

  /// nil for vectors, scalars and tensors without elements.
  init?(_ tensor: ParameterTensor) {
    guard tensor.shape.count > 1, tensor.count > 0 else { return nil }
    rows = tensor.shape[0]
    columns = tensor.count / rows
  }

  /// The shorter side.
  var order: Int { min(rows, columns) }
  var count: Int { rows * columns }
}
