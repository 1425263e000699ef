internal import CVector
internal import Settings
internal import Tensors

/// Yogi (Zaheer et al., 2018), Adam whose mean square moves by a bounded step.
///
/// At the t-th update, t from 1, with the gradient g (weight decay included: g + λθ):
///
///     m ← m + (1 − β₁)(g − m)        v ← v − (1 − β₂)·sign(v − g²)·g²
///     u = −η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)
///
/// Both m and v start at `initial_accumulator` and are corrected as if they had started at 0, as in
/// Optax and in the PyTorch port; TensorFlow Addons starts m at 0 and has ε outside the correction.
struct Yogi: DirectOptimizer, MomentumOptimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let initialValue: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let state = NamedArrays(
      arrays: [("exp_avg", layout.count), ("exp_avg_sq", layout.count)],
      repeating: Float(initialValue),
      numbers: [("updates", 0), Roots.flag(epsilon: epsilon, decay: beta2)])
    if state.numbers[1] != 0 { state.arrays[1].fill(Float(initialValue.squareRoot())) }
    return state
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    let updates = state.numbers[0]
    let rootCorrection = 1 / (1 - power(beta2, updates)).squareRoot()
    let rate = step.learningRate / (1 - power(beta1, updates))
    step.writeUpdate(
      Kernel(
        mean: ExponentialMean(state[0], decay: beta1), squares: state[1],
        holdsRoots: step.holdsRoots(
          state[1], count: step.count, decay: weightDecay, flag: &state.numbers[1]),
        gain: Lanes(repeating: Float(1 - beta2)),
        rootCorrection: Lanes(repeating: Float(rootCorrection)),
        epsilon: Lanes(repeating: Float(epsilon)), rate: Lanes(repeating: Float(-rate))),
      weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
    ) { source.transform(momentum: $0) }
  }

  private struct Kernel: DirectionKernel {
    let mean: ExponentialMean
    let squares: UnsafeMutablePointer<Float>
    let holdsRoots: Bool
    let gain: Lanes
    let rootCorrection: Lanes
    let epsilon: Lanes
    let rate: Lanes

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      mean.take(gradient, at: place)
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      let before = place.load(squares)
      if holdsRoots {
        let after = rootAfter(before, gradient)
        place.store(after, squares)
        return rate * (direction / (after * rootCorrection + epsilon))
      }
      let square = gradient * gradient
      let after = before - gain * signs(of: before - square) * square
      place.store(after, squares)
      return rate * direction / (cvector_sqrt(after) * rootCorrection + epsilon)
    }

    /// √(v − (1 − β₂)·sign(v − g²)·g²) from √v.
    private func rootAfter(_ root: Lanes, _ gradient: Lanes) -> Lanes {
      let magnitude = cvector_abs(gradient)
      let grown = rootOfSquares(.one, root, gain, gradient)
      let ratio = magnitude / root
      let shrunk = root * cvector_sqrt(1 - gain * ratio * ratio)
      return grown.replacing(with: shrunk, where: root .> magnitude)
        .replacing(with: root, where: root .== magnitude)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var yogi: Self {
    CatalogEntry(
      name: "yogi", summary: "Adam whose mean square falls no faster than it rises",
      reference: "Zaheer, Reddi, Sachan, Kale & Kumar, 2018",
      hyperparameters: [
        .learningRate(0.01), .betas(0.9, 0.999), .eps(1e-3),
        Hyperparameter(
          "initial_accumulator", .number(.nonnegative), default: .number(1e-6),
          scale: .logarithmic, "where the mean and the mean square start"),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return Yogi(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        initialValue: options.number("initial_accumulator"),
        weightDecay: WeightDecay(.coupled, in: options), maximize: options.boolean("maximize"))
    }
  }
}
