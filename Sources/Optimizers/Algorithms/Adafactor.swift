internal import CVector
internal import Settings
internal import Tensors

/// Adafactor (Shazeer & Stern, 2018), whose mean square of a matrix is a product of two vectors.
///
/// At the t-th update, t from 1, for each tensor of n elements, with w = t^`beta2_decay` and ‖·‖/√n
/// for the root mean square:
///
///     r ← r + w(mean over each row of g² − r)        c ← c + w(mean over each column of g² − c)
///     V = r cᵀ/max(mean(r), ε₁)          or, without two axes, V ← V + w(g² − V)
///     q = g/√max(V, ε₁²)
///     u = −min(η, 1/√t)·max(ε₂, RMS(θ))/max(1, RMS(q)/d)·q − ηλθ
///
/// The semantics of PyTorch, which takes the last two axes for rows and columns and leading axes as
/// so many matrices. `eps` is [ε₁, ε₂]; PyTorch's default ε₁ depends on the type, and for float32 it
/// is the 2⁻²³ of here. There is no first moment. The memory holds roots of r, c and V where squares
/// leave the range of float, as in `adam`.
struct Adafactor: Optimizer {
  let decay: Double
  let leastMean: Double
  let leastScale: Double
  let threshold: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let factors = layout.tensors.map(Factors.init)
    return NamedArrays(
      arrays: [
        ("row_var", factors.reduce(0) { $0 + $1.rowCount }),
        ("col_var", factors.reduce(0) { $0 + $1.columnCount }),
        ("variance", factors.reduce(0) { $0 + $1.plainCount }),
      ],
      // A weight of the newest square of 0.001, which that of the 5000th update is.
      numbers: [("updates", 0), Roots.flag(epsilon: leastMean, decay: 0.999)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    state.numbers[0] += 1
    let updates = state.numbers[0]
    let gain = power(updates, decay)
    let ceiling = min(step.learningRate, 1 / updates.squareRoot())
    var (rows, columns, plain) = (state[0], state[1], state[2])
    let before = state.numbers[1]
    var holdsRoots = false
    for (array, buffer) in state.arrays.enumerated() {
      state.numbers[1] = before
      holdsRoots = step.holdsRoots(state[array], count: buffer.count, flag: &state.numbers[1])
    }
    for tensor in step.layout.tensors where tensor.count > 0 {
      let factors = Factors(tensor)
      let gradient = step.gradient + tensor.offset
      let direction = step.update + tensor.offset
      if factors.isFactored {
        for matrix in 0..<factors.matrices {
          let start = matrix * factors.size
          let (row, column) = (rows + matrix * factors.rows, columns + matrix * factors.columns)
          if holdsRoots {
            factorRoots(
              gradient + start, direction + start, rows: row, columns: column, factors, gain: gain)
          } else {
            factored(
              gradient + start, direction + start, rows: row, columns: column, factors, gain: gain)
          }
        }
      } else {
        step.writeUpdate(
          of: tensor,
          PlainKernel(
            variance: ExponentialMeanSquare(
              plain - tensor.offset, decay: 1 - gain, holdsRoots: holdsRoots),
            least: Lanes(repeating: Float(holdsRoots ? leastMean : leastMean * leastMean))))
      }
      let root = Double(tensor.count).squareRoot()
      let excess = Vector.norm(direction, count: tensor.count) / (root * threshold)
      let size = Vector.norm(step.parameters + tensor.offset, count: tensor.count) / root
      let rate = ceiling * max(leastScale, size) / (excess > 1 ? excess : 1)
      step.writeUpdate(
        of: tensor, ScaleKernel(step.update, by: maximize ? rate : -rate),
        weightDecay: weightDecay)
      rows += factors.rowCount
      columns += factors.columnCount
      plain += factors.plainCount
    }
  }

  /// q of one matrix, whose sums over columns pass through the memory of q.
  private func factored(
    _ gradient: UnsafePointer<Float>, _ direction: UnsafeMutablePointer<Float>,
    rows: UnsafeMutablePointer<Float>, columns: UnsafeMutablePointer<Float>, _ factors: Factors,
    gain: Double
  ) {
    let width = factors.columns
    direction.update(repeating: 0, count: width)
    var rowTotal = 0.0
    for row in 0..<factors.rows {
      let line = gradient + row * width
      let mean = Vector.sumOfSquares(line, count: width) / Double(width)
      rows[row] = follow(rows[row], Float(mean), gain: gain)
      rowTotal += Double(rows[row])
      addSquares(of: line, to: direction, count: width)
    }
    let share = Float(1 / Double(factors.rows))
    for column in 0..<width {
      columns[column] = follow(columns[column], share * direction[column], gain: gain)
    }
    let rowMean = max(rowTotal / Double(factors.rows), leastMean)
    for row in 0..<factors.rows {
      divide(
        gradient + row * width, byRootOf: columns, times: Float(Double(rows[row]) / rowMean),
        into: direction + row * width, count: width)
    }
  }

  /// q of one matrix whose rows and columns are held as roots of their mean squares. In Double, for
  /// gradients that are seldom met.
  private func factorRoots(
    _ gradient: UnsafePointer<Float>, _ direction: UnsafeMutablePointer<Float>,
    rows: UnsafeMutablePointer<Float>, columns: UnsafeMutablePointer<Float>, _ factors: Factors,
    gain: Double
  ) {
    let width = factors.columns
    func follow(_ root: Float, _ square: Double) -> Float {
      Float(((1 - gain) * Double(root) * Double(root) + gain * square).squareRoot())
    }
    direction.update(repeating: 0, count: width)
    var rowTotal = 0.0
    for row in 0..<factors.rows {
      let line = gradient + row * width
      rows[row] = follow(rows[row], Vector.sumOfSquares(line, count: width) / Double(width))
      rowTotal += Double(rows[row]) * Double(rows[row])
      for column in 0..<width {
        let (norm, newest) = (Double(direction[column]), Double(line[column]))
        direction[column] = Float((norm * norm + newest * newest).squareRoot())
      }
    }
    for column in 0..<width {
      let norm = Double(direction[column])
      columns[column] = follow(columns[column], norm * norm / Double(factors.rows))
    }
    let rowRoot = max(rowTotal / Double(factors.rows), leastMean).squareRoot()
    for row in 0..<factors.rows {
      let factor = Double(rows[row]) / rowRoot
      for column in 0..<width {
        let index = row * width + column
        direction[index] = Float(
          Double(gradient[index]) / max(factor * Double(columns[column]), leastMean))
      }
    }
  }

  /// The running mean of a row or a column, in the form of `ExponentialMean`.
  private func follow(_ mean: Float, _ newest: Float, gain: Double) -> Float {
    gain > 0.75
      ? newest - Float(1 - gain) * (newest - mean) : mean + Float(gain) * (newest - mean)
  }

  private func addSquares(
    of x: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, count: Int
  ) {
    var index = 0
    while index + 16 <= count {
      let lanes = Vector.load(x, index)
      Vector.store(Vector.load(sums, index) + lanes * lanes, sums, index)
      index += 16
    }
    while index < count {
      sums[index] += x[index] * x[index]
      index += 1
    }
  }

  private func divide(
    _ gradient: UnsafePointer<Float>, byRootOf columns: UnsafePointer<Float>, times factor: Float,
    into direction: UnsafeMutablePointer<Float>, count: Int
  ) {
    let least = Lanes(repeating: Float(leastMean * leastMean))
    let factors = Lanes(repeating: factor)
    func write(_ place: some LanePlace) {
      var variance = factors * place.load(columns)
      variance.replace(with: least, where: variance .< least)
      place.store(place.load(gradient) / cvector_sqrt(variance), direction)
    }
    var index = 0
    while index + 16 <= count {
      write(WholeLanes(index: index))
      index += 16
    }
    if index < count { write(PartialLanes(index: index, count: count - index)) }
  }

  /// How a tensor's mean squares are held.
  private struct Factors {
    let isFactored: Bool
    let matrices: Int
    let rows: Int
    let columns: Int
    let count: Int

    init(_ tensor: ParameterTensor) {
      let axes = tensor.shape.count
      isFactored = axes > 1 && tensor.count > 0
      rows = isFactored ? tensor.shape[axes - 2] : 0
      columns = isFactored ? tensor.shape[axes - 1] : 0
      matrices = isFactored ? tensor.count / (rows * columns) : 0
      count = tensor.count
    }

    var size: Int { rows * columns }
    var rowCount: Int { matrices * rows }
    var columnCount: Int { matrices * columns }
    var plainCount: Int { isFactored ? 0 : count }
  }

  private struct PlainKernel: UpdateKernel {
    let variance: ExponentialMeanSquare
    /// ε₁², or ε₁ where the memory holds roots.
    let least: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      if variance.holdsRoots {
        var root = variance.takeRoot(gradient, at: place)
        root.replace(with: least, where: root .< least)
        return gradient / root
      }
      var square = variance.take(gradient, at: place)
      square.replace(with: least, where: square .< least)
      return gradient / cvector_sqrt(square)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var adafactor: Self {
    CatalogEntry(
      name: "adafactor", summary: "mean squares of a matrix as a product of two vectors",
      reference: "Shazeer & Stern, 2018",
      hyperparameters: [
        .learningRate(0.01),
        Hyperparameter(
          "beta2_decay", .number(NumberRange(upper: 0)), default: .number(-0.8),
          "exponent of the newest square's weight"),
        Hyperparameter(
          "eps", .numbers(.positive, count: 2), default: .numbers([0x1p-23, 1e-3]),
          scale: .logarithmic, "least mean square's root and least scale of a tensor, ε₁ and ε₂"),
        Hyperparameter(
          "d", .number(NumberRange(lower: 1)), default: .number(1),
          "greatest root mean square of the direction"),
        .weightDecay(0, "decoupled weight decay, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let eps = options.numbers("eps")
      return Adafactor(
        decay: options.number("beta2_decay"), leastMean: eps[0], leastScale: eps[1],
        threshold: options.number("d"), weightDecay: WeightDecay(.decoupled, in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
