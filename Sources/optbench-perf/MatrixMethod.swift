import LinearAlgebra
import Tensors

/// An optimizer that works on matrices as a whole, with the matrix products and decompositions that
/// one of its updates cannot do without.
struct MatrixMethod: Sendable {
  let name: String
  /// The training rows whose tensors it is measured on.
  let rows: [String]
  /// The updates after which its work repeats.
  let period: Int
  /// What it does to a matrix, or to a vector as a matrix of one column, in one period.
  private let operations: @Sendable (_ rows: Int, _ columns: Int) -> [Operation]

  static let all = [
    MatrixMethod(name: "muon", rows: ["1", "2", "3"], period: 1) { rows, columns in
      guard columns > 1 else { return [] }
      let (short, long) = (min(rows, columns), max(rows, columns))
      let iteration: [Operation] = [
        .product(short, short, long), .product(short, short, short),
        .product(rows, columns, short),
      ]
      return repeated(5, iteration)
    },
    MatrixMethod(name: "soap", rows: ["1", "2", "3"], period: 10) { rows, columns in
      guard columns > 1 else { return [] }
      let turn: [Operation] = [.product(rows, columns, columns), .product(rows, columns, rows)]
      let moments: [Operation] = [.product(rows, rows, columns), .product(columns, columns, rows)]
      let bases: [Operation] = [rows, columns].flatMap { order -> [Operation] in
        [.product(order, order, order), .orthonormalRows(order)]
      }
      // Into the bases and back at each update; the mean once more where the bases change.
      return repeated(10, repeated(2, turn) + moments) + repeated(2, turn) + bases
    },
    // On row 3 nearly all axes are too long for it.
    MatrixMethod(name: "shampoo", rows: ["1", "2"], period: 1) { rows, columns in
      // Axes above `max_precond_dim` have a diagonal.
      let axes = [(rows, columns)] + (columns > 1 ? [(columns, rows)] : [])
      return axes.filter { $0.0 <= 256 }.flatMap { order, other -> [Operation] in
        [
          .product(order, order, other), .eigenvectors(order, other),
          .product(order, order, order), .product(order, other, order),
        ]
      }
    },
  ]

  private init(
    name: String, rows: [String], period: Int,
    operations: @escaping @Sendable (_ rows: Int, _ columns: Int) -> [Operation]
  ) {
    self.name = name
    self.rows = rows
    self.period = period
    self.operations = operations
  }

  private static func repeated(_ count: Int, _ operations: [Operation]) -> [Operation] {
    (0..<count).flatMap { _ in operations }
  }

  /// The bare operations of one period on all tensors of `layout`, on memory of their own.
  func operationsWorkload(_ layout: ParameterLayout) -> Workload {
    let bare = layout.tensors.flatMap { tensor in
      operations(tensor.shape[0], tensor.count / tensor.shape[0])
    }.map(\.prepared)
    return Workload { for operation in bare { operation() } }
  }
}

/// A matrix product or a decomposition.
private enum Operation {
  /// Rows, columns and inner length.
  case product(Int, Int, Int)
  /// Eigenvectors of GGᵀ + εI for a G of so many rows and columns.
  case eigenvectors(Int, Int)
  /// Orthonormal rows of a square matrix of so many.
  case orthonormalRows(Int)

  /// The operation with its memory, ready to be done again and again.
  var prepared: () -> Void {
    switch self {
    case .product(let rows, let columns, let inner):
      let product = PreparedProduct()
      let (a, b) = (random(rows * inner), random(inner * columns))
      let c = FloatBuffer(count: rows * columns)
      return {
        product.multiply(
          a.pointer, b.pointer, into: c.pointer, rows: rows, columns: columns, inner: inner)
      }
    case .eigenvectors(let order, let columns):
      let moment = secondMoment(order, columns)
      let vectors = FloatBuffer(count: order * order)
      let values = FloatBuffer(count: order)
      let workspace = FloatBuffer(count: SymmetricEigenproblem.workspaceCount(order: order))
      return {
        vectors.pointer.update(from: moment.pointer, count: moment.count)
        _ = SymmetricEigenproblem.solve(
          vectors.pointer, order: order, eigenvalues: values.pointer, workspace: workspace.pointer)
      }
    case .orthonormalRows(let order):
      let matrix = random(order * order)
      let rows = FloatBuffer(count: order * order)
      let workspace = FloatBuffer(count: OrthonormalRows.workspaceCount(order: order))
      return {
        rows.pointer.update(from: matrix.pointer, count: matrix.count)
        OrthonormalRows.make(from: rows.pointer, order: order, workspace: workspace.pointer)
      }
    }
  }

  private func random(_ count: Int) -> FloatBuffer {
    var stream = RandomStream(seed: 0, name: "matrices")
    return FloatBuffer((0..<count).map { _ in Float(stream.uniform() - 0.5) })
  }

  private func secondMoment(_ rows: Int, _ columns: Int) -> FloatBuffer {
    let gradient = random(rows * columns)
    let moment = FloatBuffer(count: rows * rows)
    multiply(
      .plain(gradient.pointer), .transposed(gradient.pointer), into: moment.pointer, rows: rows,
      columns: rows, inner: columns)
    for row in 0..<rows { moment.pointer[row * (rows + 1)] += 1e-6 }
    return moment
  }
}
