internal import LinearAlgebra
internal import Settings
internal import Tensors

/// Shampoo (Gupta, Koren & Singer, 2018), full-matrix Adagrad along each axis.
///
/// A matrix G of r rows and k columns, with L and R from εI:
///
///     L ← L + GGᵀ        R ← R + GᵀG        u = −η·L^(−1/4)·G·R^(−1/4)
///
/// A vector has L alone, and L^(−1/2). The roots are renewed at the first update and every
/// `precondition_frequency` updates; old roots multiply a direction that was not seen before by up to
/// ε^(−1/2), so anything above 1 asks for a greater ε. An axis longer than `max_precond_dim` has the diagonal of its
/// matrix only, the diagonal variant of the paper. Weight decay is coupled.
///
/// The paper's rule; other codes differ in the exponent and add an average, a graft of another
/// rule's step size and blocks. Deviations: a tensor of more than two axes is a matrix of its first
/// axis by the others, where the paper has a factor for each axis; eigenvalues that rounding puts
/// below ε count as ε, which they cannot be below in exact arithmetic. A matrix that is not finite
/// any more gives NaN.
struct Shampoo: Optimizer {
  let epsilon: Double
  let frequency: Int
  let greatestOrder: Int
  let weightDecay: WeightDecay
  let maximize: Bool

  /// One axis of a tensor with its second moment.
  private struct Side {
    let length: Int
    let isFull: Bool
    var count: Int { isFull ? length * length : length }
  }

  private func sides(of tensor: ParameterTensor) -> (left: Side, right: Side?) {
    func side(_ length: Int) -> Side { Side(length: length, isFull: length <= greatestOrder) }
    guard let shape = MatrixShape(tensor) else { return (side(tensor.count), nil) }
    return (side(shape.rows), side(shape.columns))
  }

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    var (moments, workspace) = (0, 0)
    for tensor in layout.tensors {
      let (left, right) = sides(of: tensor)
      for side in [left, right].compactMap({ $0 }) where side.length > 0 {
        moments += side.count
        guard side.isFull else { continue }
        // Eigenvectors, eigenvalues and LAPACK's own.
        let order = side.length
        workspace = max(
          workspace, order * order + order + SymmetricEigenproblem.workspaceCount(order: order))
      }
    }
    let state = NamedArrays(
      arrays: [
        ("moments", moments), ("roots", moments),
        ("workspace", max(workspace, layout.tensors.map(\.count).max() ?? 0)),
      ], numbers: [("updates", 0)])
    var moment = state[0]
    for tensor in layout.tensors {
      let (left, right) = sides(of: tensor)
      for side in [left, right].compactMap({ $0 }) {
        for index in 0..<side.length {
          moment[side.isFull ? index * (side.length + 1) : index] = Float(epsilon)
        }
        moment += side.count
      }
    }
    return state
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    let renews = Int(state.numbers[0]) % frequency == 0
    state.numbers[0] += 1
    // The gradient with sign and weight decay stands in the update until it is turned.
    step.writeUpdate(GradientKernel(), weightDecay: weightDecay, maximize: maximize)
    var (moment, root) = (state[0], state[1])
    for tensor in step.layout.tensors where tensor.count > 0 {
      let (left, right) = sides(of: tensor)
      let columns = tensor.count / left.length
      let gradient = step.update + tensor.offset
      accumulate(left, moment, gradient, rows: left.length, columns: columns, isLeft: true)
      if renews { renew(left, root, moment, power: right == nil ? -0.5 : -0.25, state[2]) }
      let (leftRoot, rightMoment, rightRoot) = (root, moment + left.count, root + left.count)
      if let right {
        accumulate(
          right, rightMoment, gradient, rows: left.length, columns: columns, isLeft: false)
        if renews { renew(right, rightRoot, rightMoment, power: -0.25, state[2]) }
      }
      applyLeft(
        left, leftRoot, to: gradient, into: state[2], columns: columns)
      if let right {
        applyRight(right, rightRoot, to: state[2], into: gradient, rows: left.length)
      } else {
        gradient.update(from: state[2], count: tensor.count)
      }
      moment = rightMoment + (right?.count ?? 0)
      root = rightRoot + (right?.count ?? 0)
    }
    Vector.scale(
      step.update, by: Float(-step.learningRate), into: step.update, count: step.count)
  }

  /// H ← H + GGᵀ, or GᵀG for the right side.
  private func accumulate(
    _ side: Side, _ moment: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
    rows: Int, columns: Int, isLeft: Bool
  ) {
    if side.isFull {
      multiply(
        isLeft ? .plain(gradient) : .transposed(gradient),
        isLeft ? .transposed(gradient) : .plain(gradient), into: moment, rows: side.length,
        columns: side.length, inner: isLeft ? columns : rows, beta: 1)
    } else if isLeft {
      for row in 0..<rows {
        moment[row] += Float(Vector.sumOfSquares(gradient + row * columns, count: columns))
      }
    } else {
      for row in 0..<rows {
        let line = gradient + row * columns
        for column in 0..<columns { moment[column] += line[column] * line[column] }
      }
    }
  }

  /// H to the power p, from its eigenvalues.
  private func renew(
    _ side: Side, _ root: UnsafeMutablePointer<Float>, _ moment: UnsafeMutablePointer<Float>,
    power exponent: Double, _ workspace: UnsafeMutablePointer<Float>
  ) {
    guard side.isFull else {
      for index in 0..<side.length {
        root[index] = Float(power(Double(moment[index]), exponent))
      }
      return
    }
    let order = side.length
    let vectors = workspace
    let values = vectors + order * order
    vectors.update(from: moment, count: order * order)
    guard Vector.isFinite(moment, count: order * order),
      SymmetricEigenproblem.solve(
        vectors, order: order, eigenvalues: values, workspace: values + order)
    else {
      return root.update(repeating: .nan, count: order * order)
    }
    // Half of the power on each factor of EᵀE.
    for row in 0..<order {
      let value = max(Double(values[row]), epsilon)
      let line = vectors + row * order
      Vector.scale(line, by: Float(power(value, exponent / 2)), into: line, count: order)
    }
    multiply(
      .transposed(vectors), .plain(vectors), into: root, rows: order, columns: order, inner: order)
  }

  private func applyLeft(
    _ side: Side, _ root: UnsafePointer<Float>, to gradient: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, columns: Int
  ) {
    if side.isFull {
      multiply(
        .plain(root), .plain(gradient), into: result, rows: side.length, columns: columns,
        inner: side.length)
    } else {
      for row in 0..<side.length {
        let start = row * columns
        Vector.scale(gradient + start, by: root[row], into: result + start, count: columns)
      }
    }
  }

  private func applyRight(
    _ side: Side, _ root: UnsafePointer<Float>, to gradient: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, rows: Int
  ) {
    if side.isFull {
      multiply(
        .plain(gradient), .plain(root), into: result, rows: rows, columns: side.length,
        inner: side.length)
    } else {
      for row in 0..<rows {
        let start = row * side.length
        for column in 0..<side.length {
          result[start + column] = gradient[start + column] * root[column]
        }
      }
    }
  }

  private struct GradientKernel: UpdateKernel {
    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes { gradient }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var shampoo: Self {
    CatalogEntry(
      name: "shampoo", summary: "full-matrix Adagrad along each axis of a tensor",
      reference: "Gupta, Koren & Singer, 2018",
      hyperparameters: [
        .learningRate(0.1),
        Hyperparameter(
          "eps", .number(.positive), default: .number(1e-6), scale: .logarithmic,
          "multiple of the identity at which the second moments start, ε"),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn,
        .preconditionFrequency(1), .greatestOrder(256), .maximize,
      ]
    ) { options throws(HyperparameterError) in
      Shampoo(
        epsilon: options.number("eps"), frequency: options.integer("precondition_frequency"),
        greatestOrder: options.integer("max_precond_dim"),
        weightDecay: WeightDecay(.coupled, in: options), maximize: options.boolean("maximize"))
    }
  }
}
