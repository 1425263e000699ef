internal import CVector
internal import LinearAlgebra
internal import Settings
internal import Tensors

/// SOAP (Vyas et al., 2024), Adam in the eigenbasis of Shampoo's second moments.
///
/// A matrix G of the second update on, t from 1 for it, with orthonormal rows of A and B:
///
///     G' = A·G·Bᵀ        m ← m + (1 − β₁)(G' − m)        v ← v + (1 − β₂)(G'² − v)
///     U = −η·√(1 − β₂ᵗ)/(1 − β₁ᵗ)·Aᵀ(m/(√v + ε))B        θ ← (1 − ηλ)(θ + U)
///     L ← L + (1 − β)(GGᵀ − L)        R ← R + (1 − β)(GᵀG − R)
///
/// with β = `shampoo_beta`, β₂ where null. The first update only makes L and R and, from their
/// eigenvectors, A and B, and moves nothing. Every `precondition_frequency` updates the rows of AL,
/// the greatest Rayleigh quotient first, are made orthonormal and replace A (v goes along, m is
/// turned into the new basis), and so B. Vectors get Adam, ε outside the correction. An axis longer
/// than `max_precond_dim` is not turned.
///
/// The semantics of the authors' code. Deviations: a tensor of more than two axes is a matrix of its
/// first axis by the others, where theirs turns each axis; m is kept in the basis, which is the same
/// and saves two products; `max_precond_dim` is 1024, for a CPU, in place of 10000. L and R are held in
/// units of a power of two where the squares of a gradient leave the range of float. The mean m holds
/// gradients of norm up to 3.4e38 for each matrix; what is not finite any more gives NaN.
struct SOAP: Optimizer {
  let beta1: Double
  let beta2: Double
  let shampooBeta: Double
  let epsilon: Double
  let frequency: Int
  let greatestOrder: Int
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let shapes = layout.tensors.compactMap(MatrixShape.init)
    let orders = shapes.flatMap { [order($0.rows), order($0.columns)] }
    let moments = orders.reduce(0) { $0 + $1 * $1 }
    let workspaces = orders.map {
      // Products or eigenvalues, then LAPACK's own.
      $0 * $0 + $0
        + max(
          SymmetricEigenproblem.workspaceCount(order: $0),
          OrthonormalRows.workspaceCount(order: $0))
    }
    return NamedArrays(
      arrays: [
        ("exp_avg", layout.count), ("exp_avg_sq", layout.count), ("moments", moments),
        ("bases", moments), ("workspace", (workspaces + shapes.map(\.count)).max() ?? 0),
        ("exponents", shapes.count),
      ], numbers: [("updates", 0), Roots.flag(epsilon: epsilon, decay: beta2)])
  }

  /// The order of the basis along an axis; 0 where it is not turned.
  private func order(_ length: Int) -> Int { length <= greatestOrder ? length : 0 }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    let updates = state.numbers[0]
    state.numbers[0] += 1
    var (moment, basis, exponent) = (state[2], state[3], state[5])
    _ = step.holdsRoots(state[1], count: step.count, flag: &state.numbers[1])
    let kernel = MomentKernel(self, step, updates, state)
    if updates == 0 { step.update.update(repeating: 0, count: step.count) }
    for tensor in step.layout.tensors {
      guard let shape = MatrixShape(tensor) else {
        if updates > 0 {
          step.writeUpdate(
            of: tensor, kernel.reading(step.gradient, sign: maximize ? -1 : 1),
            weightDecay: weightDecay)
        }
        continue
      }
      let bases = Bases(
        shape: shape, left: order(shape.rows), right: order(shape.columns), moments: moment,
        bases: basis, exponent: exponent, workspace: state[4])
      let gradient = step.gradient + tensor.offset
      if updates > 0 {
        let update = step.update + tensor.offset
        bases.turn(gradient, into: update)
        step.writeUpdate(
          of: tensor, kernel.reading(UnsafePointer(step.update), sign: maximize ? -1 : 1))
        bases.turnBack(update, into: update)
        if weightDecay.strength(for: tensor) != 0 {
          step.writeUpdate(of: tensor, ScaleKernel(step.update, by: 1), weightDecay: weightDecay)
        }
      }
      bases.takeIn(gradient, gain: 1 - shampooBeta)
      if updates == 0 {
        bases.findEigenvectors()
      } else if Int(updates) % frequency == 0 {
        let mean = state[0] + tensor.offset
        bases.turnBack(mean, into: mean)
        bases.refine(squares: state[1] + tensor.offset)
        bases.turn(mean, into: mean)
      }
      moment += bases.count
      basis += bases.count
      exponent += 1
    }
  }

  private struct MomentKernel: UpdateKernel {
    let mean: ExponentialMean
    let squares: ExponentialMeanSquare
    let epsilon: Lanes
    let rate: Lanes
    var source: UnsafePointer<Float>
    var sign = Lanes.one

    init(_ rule: SOAP, _ step: OptimizerStep, _ updates: Double, _ state: NamedArrays) {
      mean = ExponentialMean(state[0], decay: rule.beta1)
      squares = ExponentialMeanSquare(
        state[1], decay: rule.beta2, holdsRoots: state.numbers[1] != 0)
      epsilon = Lanes(repeating: Float(rule.epsilon))
      let correction =
        (1 - power(rule.beta2, updates)).squareRoot() / (1 - power(rule.beta1, updates))
      rate = Lanes(repeating: Float(-step.learningRate * correction))
      source = step.gradient
    }

    /// The kernel with its gradients at another place.
    func reading(_ source: UnsafePointer<Float>, sign: Float) -> MomentKernel {
      var kernel = self
      kernel.source = source
      kernel.sign = Lanes(repeating: sign)
      return kernel
    }

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let taken = sign * place.load(source)
      let average = mean.take(taken, at: place)
      return squares.quotient(rate, average, squares.takeRoot(taken, at: place) + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var soap: Self {
    CatalogEntry(
      name: "soap", summary: "Adam in the eigenbasis of Shampoo's second moments",
      reference: "Vyas et al., 2024",
      hyperparameters: [
        .learningRate(0.003), .betas(0.95, 0.95),
        Hyperparameter(
          "shampoo_beta", .number(.fraction), default: .none, optional: true, scale: .logarithmic,
          "decay of the second moments, β; null for β₂"),
        .eps(1e-8),
        .weightDecay(0.01, "weight decay after the update, λ"), .weightDecayOn,
        .preconditionFrequency(10), .greatestOrder(1024), .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return SOAP(
        beta1: betas[0], beta2: betas[1],
        shampooBeta: options.optionalNumber("shampoo_beta") ?? betas[1],
        epsilon: options.number("eps"), frequency: options.integer("precondition_frequency"),
        greatestOrder: options.integer("max_precond_dim"),
        weightDecay: WeightDecay(.subsequent, in: options), maximize: options.boolean("maximize"))
    }
  }
}
