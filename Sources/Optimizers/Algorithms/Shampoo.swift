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
/// below ε count as ε, which they cannot be below in exact arithmetic, and as the rounding of the
/// greatest where that is above 2²⁷ε (2¹³ε for a vector). So directions whose gradients were all below about 1e-3 of the
/// greatest move less than in exact arithmetic. L and R are held in units of a power of two where the
/// squares of a gradient leave the range of float. A matrix that is not finite any more gives NaN.
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
    /// From one element of the diagonal to the next.
    var stride: Int { isFull ? length + 1 : 1 }
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
        ("exponents", 2 * layout.tensors.count),
      ], numbers: [("updates", 0)])
    let unit = GradientUnit.exponent(for: epsilon.squareRoot(), before: 0)
    var moment = state[0]
    for (index, tensor) in layout.tensors.enumerated() {
      state[3][2 * index] = Float(unit)
      let (left, right) = sides(of: tensor)
      for side in [left, right].compactMap({ $0 }) {
        for index in 0..<side.length { moment[index * side.stride] = Float(least(unit)) }
        moment += side.count
      }
    }
    return state
  }

  /// ε in units of the second moments.
  private func least(_ exponent: Int) -> Double { epsilon * GradientUnit.factor(-2 * exponent) }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    let renews = Int(state.numbers[0]) % frequency == 0
    state.numbers[0] += 1
    // The gradient with sign and weight decay stands in the update until it is turned.
    step.writeUpdate(GradientKernel(), weightDecay: weightDecay, maximize: maximize)
    var (moment, root) = (state[0], state[1])
    for (index, tensor) in step.layout.tensors.enumerated() where tensor.count > 0 {
      let (left, right) = sides(of: tensor)
      let columns = tensor.count / left.length
      let gradient = step.update + tensor.offset
      let exponents = state[3] + 2 * index
      let unit = enterUnit(
        gradient, moment, left, momentCount: left.count + (right?.count ?? 0), count: tensor.count,
        exponent: exponents)
      if renews { exponents[1] = Float(unit) }
      accumulate(left, moment, gradient, rows: left.length, columns: columns, isLeft: true)
      if renews {
        renew(left, root, moment, power: right == nil ? -0.5 : -0.25, least: least(unit), state[2])
      }
      let (leftRoot, rightMoment, rightRoot) = (root, moment + left.count, root + left.count)
      if let right {
        accumulate(
          right, rightMoment, gradient, rows: left.length, columns: columns, isLeft: false)
        if renews {
          renew(right, rightRoot, rightMoment, power: -0.25, least: least(unit), state[2])
        }
      }
      applyLeft(
        left, leftRoot, to: gradient, into: state[2], columns: columns)
      if let right {
        applyRight(right, rightRoot, to: state[2], into: gradient, rows: left.length)
      } else {
        gradient.update(from: state[2], count: tensor.count)
      }
      // The roots of second moments in one unit expect gradients in it.
      let rootUnit = Int(exponents[1])
      if unit != rootUnit {
        Vector.scaleInRange(
          gradient, by: GradientUnit.factor(unit - rootUnit), into: gradient, count: tensor.count)
      }
      moment = rightMoment + (right?.count ?? 0)
      root = rightRoot + (right?.count ?? 0)
    }
    Vector.scale(
      step.update, by: Float(-step.learningRate), into: step.update, count: step.count)
  }

  /// Brings a tensor's gradient and second moments to a unit that holds both, and returns its exponent.
  private func enterUnit(
    _ gradient: UnsafeMutablePointer<Float>, _ moment: UnsafeMutablePointer<Float>, _ left: Side,
    momentCount: Int, count: Int, exponent: UnsafeMutablePointer<Float>
  ) -> Int {
    let before = Int(exponent.pointee)
    let size = GradientUnit.size(
      ofDiagonal: moment, order: left.length, stride: left.stride, exponent: before)
    let unit = GradientUnit.exponent(
      for: max(size, Vector.norm(gradient, count: count)), before: before)
    GradientUnit.change(moment, count: momentCount, from: before, to: unit)
    exponent.pointee = Float(unit)
    if unit != 0 {
      Vector.scaleInRange(gradient, by: GradientUnit.factor(-unit), into: gradient, count: count)
    }
    return unit
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
    power exponent: Double, least: Double, _ workspace: UnsafeMutablePointer<Float>
  ) {
    guard side.isFull else {
      // What flushed to zero moves less than in exact arithmetic, not more.
      let floor = max(least, Double(Float.leastNormalMagnitude))
      for index in 0..<side.length {
        root[index] = Float(power(max(Double(moment[index]), floor), exponent))
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
    // What rounding leaves of the greatest eigenvalue, where ε is far below it.
    let rounding = Double(values[order - 1]) * Double(order) * Double(Float.ulpOfOne)
    let floor = rounding > Self.drowned(exponent) * least ? rounding : least
    // Half of the power on each factor of EᵀE.
    for row in 0..<order {
      let value = max(Double(values[row]), floor)
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

  /// From this multiple of ε on the rounding of the greatest eigenvalue takes the place of ε, a power
  /// of which would make rounding errors of the gradient as large as the gradient.
  private static func drowned(_ exponent: Double) -> Double { exponent == -0.5 ? 0x1p13 : 0x1p27 }

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
