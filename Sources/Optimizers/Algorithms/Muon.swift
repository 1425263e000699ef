internal import LinearAlgebra
internal import Settings
internal import Tensors

/// Muon (Jordan et al., 2024; Liu et al., 2025), momentum whose matrices are made orthogonal; AdamW
/// for all other tensors.
///
/// For each tensor of two axes or more with the role of a weight, taken as a matrix G of the first
/// axis by the others:
///
///     M ← M + (1 − μ)(G − M)        X = G + μ(M − G) for Nesterov, else M
///     X ← X/max(‖X‖, ε), then `ns_steps` times A = XXᵀ, X ← aX + (bA + cA²)X
///     u = −ηsX − ηλθ
///
/// with `ns_coefficients` a, b, c and, for r rows and k columns, s = √max(1, r/k) (`original`),
/// 0.2·√max(r, k) (`match_rms_adamw`) or √(r/k) (`spectral_unclamped`). The semantics and defaults
/// of PyTorch, which takes tensors of two axes only and leaves the others to the user.
///
/// Optax corrects the bias within Nesterov's step, X = (1 − μ)G/(1 − μᵗ) + μM/(1 − μᵗ⁺¹), which shifts
/// the mixture and not the size, has s = √max(1, k/r) for matrices stored in × out, and AdamW with
/// Nesterov momentum for the rest. Keras has M ← μM + G, X = G + μM, the same direction, with
/// s = 0.2·√max(r, k).
///
/// Deviation: the iteration runs in float32; PyTorch's and the author's run in bfloat16, which moves
/// the parameters by up to 1% of the way. Vectors, embeddings, norms and biases get AdamW with
/// `adamw_betas` and `adamw_eps` (defaults of the author's code), the same λ and the learning rate η
/// times `adamw_learning_rate_ratio`.
struct Muon: MomentumOptimizer {
  enum RateAdjustment: String, CaseIterable {
    case original
    case adamwRMS = "match_rms_adamw"
    case spectral = "spectral_unclamped"
  }

  let momentum: Double
  let isNesterov: Bool
  let coefficients: [Double]
  let iterations: Int
  let epsilon: Double
  let adjustment: RateAdjustment
  let adam: Adam
  let adamRatio: Double

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let matrices = layout.tensors.compactMap(matrix)
    let others = layout.tensors.reduce(0) { $0 + (matrix($1) == nil ? $1.count : 0) }
    return NamedArrays(
      arrays: [
        ("momentum_buffer", layout.count), ("exp_avg_sq", others),
        ("workspace", matrices.map { $0.count + 2 * $0.order * $0.order }.max() ?? 0),
      ], numbers: [("updates", 0), Roots.flag(epsilon: adam.epsilon, decay: adam.beta2)])
  }

  /// The matrix that a tensor is to Muon; nil for the tensors of AdamW.
  private func matrix(_ tensor: ParameterTensor) -> MatrixShape? {
    TensorSelection.matrices.contains(tensor) ? MatrixShape(tensor) : nil
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    let auxiliary = step.with(learningRate: step.learningRate * adamRatio)
    var squares = state[1]
    let holdsRoots = step.holdsRoots(
      squares, count: state.arrays[1].count, flag: &state.numbers[1])
    let momentumKernel = MomentumKernel(
      mean: ExponentialMean(state[0], decay: momentum),
      lookahead: Lanes(repeating: isNesterov ? Float(momentum) : 1))
    let isTaken = source.transformsMomentum
    if isTaken {
      for tensor in step.layout.tensors {
        if matrix(tensor) != nil {
          step.writeUpdate(of: tensor, momentumKernel, maximize: adam.maximize)
        } else {
          let kernel = adamKernel(auxiliary, state, squares: state[1], holdsRoots: holdsRoots)
          step.writeUpdate(of: tensor, TakingPass(kernel: kernel), maximize: adam.maximize)
        }
      }
      source.transform(momentum: step.update)
    }
    for tensor in step.layout.tensors {
      guard let shape = matrix(tensor) else {
        let kernel = adamKernel(
          auxiliary, state, squares: squares - tensor.offset, holdsRoots: holdsRoots)
        if isTaken {
          auxiliary.writeUpdate(
            of: tensor, SteppingPass(kernel: kernel, direction: step.update),
            weightDecay: adam.weightDecay, maximize: adam.maximize)
        } else {
          auxiliary.writeUpdate(
            of: tensor, kernel, weightDecay: adam.weightDecay, maximize: adam.maximize)
        }
        squares += tensor.count
        continue
      }
      if !isTaken { step.writeUpdate(of: tensor, momentumKernel, maximize: adam.maximize) }
      orthogonalize(step.update + tensor.offset, shape, workspace: state[2])
      step.writeUpdate(
        of: tensor, ScaleKernel(step.update, by: -step.learningRate * scale(of: shape)),
        weightDecay: adam.weightDecay)
    }
  }

  /// AdamW's rule, with the mean squares of the tensor at hand at its place.
  private func adamKernel(
    _ step: OptimizerStep, _ state: NamedArrays, squares: UnsafeMutablePointer<Float>,
    holdsRoots: Bool
  ) -> Adam.Kernel<SwitchedOff> {
    let squares = ExponentialMeanSquare(squares, decay: adam.beta2, holdsRoots: holdsRoots)
    return Adam.Kernel(adam, step, state.numbers[0], state[0], squares, squares.array)
  }

  /// Newton–Schulz iterations, on the shorter side of the matrix.
  private func orthogonalize(
    _ x: UnsafeMutablePointer<Float>, _ shape: MatrixShape, workspace: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns, order) = (shape.rows, shape.columns, shape.order)
    let isWide = rows <= columns
    let gram = workspace + shape.count
    let polynomial = gram + order * order
    let norm = Vector.norm(x, count: shape.count)
    Vector.scaleInRange(
      x, by: 1 / (norm < epsilon ? epsilon : norm), into: x, count: shape.count)
    var (current, next) = (x, workspace)
    for _ in 0..<iterations {
      if isWide {
        multiply(
          .plain(current), .transposed(current), into: gram, rows: order, columns: order,
          inner: columns)
      } else {
        multiply(
          .transposed(current), .plain(current), into: gram, rows: order, columns: order,
          inner: rows)
      }
      polynomial.update(from: gram, count: order * order)
      multiply(
        .plain(gram), .plain(gram), into: polynomial, rows: order, columns: order, inner: order,
        alpha: Float(coefficients[2]), beta: Float(coefficients[1]))
      next.update(from: current, count: shape.count)
      multiply(
        .plain(isWide ? polynomial : current), .plain(isWide ? current : polynomial), into: next,
        rows: rows, columns: columns, inner: order, beta: Float(coefficients[0]))
      swap(&current, &next)
    }
    if current != x { x.update(from: current, count: shape.count) }
  }

  private func scale(of shape: MatrixShape) -> Double {
    let (rows, columns) = (Double(shape.rows), Double(shape.columns))
    return switch adjustment {
    case .original: max(1, rows / columns).squareRoot()
    case .adamwRMS: 0.2 * max(rows, columns).squareRoot()
    case .spectral: (rows / columns).squareRoot()
    }
  }

  private struct MomentumKernel: UpdateKernel {
    let mean: ExponentialMean
    /// μ, or 1 for the mean itself.
    let lookahead: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      gradient + lookahead * (mean.take(gradient, at: place) - gradient)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var muon: Self {
    CatalogEntry(
      name: "muon", summary: "momentum made orthogonal for matrices, AdamW for the rest",
      reference: "Jordan et al., 2024; Liu et al., 2025",
      hyperparameters: [
        .learningRate(0.001),
        .weightDecay(0.1, "decoupled weight decay, λ"), .weightDecayOn,
        Hyperparameter(
          "momentum", .number(.fraction), default: .number(0.95), scale: .logarithmic,
          search: [.firstDecay],
          "decay of the mean gradient, μ"),
        Hyperparameter(
          "nesterov", .boolean, default: .boolean(true), "look ahead along the momentum"),
        Hyperparameter(
          "ns_coefficients", .numbers(.any, count: 3), default: .numbers([3.4445, -4.775, 2.0315]),
          "polynomial of the Newton–Schulz iteration, a, b and c"),
        .eps(1e-7),
        Hyperparameter(
          "ns_steps", .integer(1...100), default: .integer(5), "Newton–Schulz iterations"),
        Hyperparameter(
          "adjust_lr_fn", .choice(Muon.RateAdjustment.allCases.map(\.rawValue)),
          default: .text(Muon.RateAdjustment.original.rawValue),
          "how a matrix's shape scales its step, s"),
        Hyperparameter(
          "adamw_betas", .numbers(.fraction, count: 2), default: .numbers([0.9, 0.95]),
          scale: .logarithmic, "β₁ and β₂ of the tensors that are no matrices"),
        Hyperparameter(
          "adamw_eps", .number(.nonnegative), default: .number(1e-10), scale: .logarithmic,
          "ε of the tensors that are no matrices"),
        Hyperparameter(
          "adamw_learning_rate_ratio", .number(.positive), default: .number(1),
          scale: .logarithmic, "their learning rate relative to η"),
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("adamw_betas")
      return Muon(
        momentum: options.number("momentum"), isNesterov: options.boolean("nesterov"),
        coefficients: options.numbers("ns_coefficients"), iterations: options.integer("ns_steps"),
        epsilon: options.number("eps"),
        adjustment: Muon.RateAdjustment(rawValue: options.text("adjust_lr_fn")) ?? .original,
        adam: Adam(
          beta1: betas[0], beta2: betas[1], epsilon: options.number("adamw_eps"),
          isAMSGrad: false, weightDecay: WeightDecay(.decoupled, in: options),
          maximize: options.boolean("maximize")),
        adamRatio: options.number("adamw_learning_rate_ratio"))
    }
  }
}
