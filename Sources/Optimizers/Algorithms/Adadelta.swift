internal import CVector
internal import Settings
internal import Tensors

/// Adadelta (Zeiler, 2012).
///
/// With the gradient g (weight decay included: g + λθ):
///
///     v ← ρv + (1 − ρ)g²        d = √(a + ε)/√(v + ε) · g        a ← ρa + (1 − ρ)d²        u = −ηd
///
/// PyTorch, Keras and Optax agree on the rule; the defaults here are PyTorch's (Keras' learning rate
/// is 0.001, which slows it a thousandfold).
struct Adadelta: DirectOptimizer {
  let rho: Double
  let epsilon: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("square_avg", layout.count), ("acc_delta", layout.count)],
      numbers: [Roots.flag(epsilon: epsilon.squareRoot(), decay: rho)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    let before = state.numbers[0]
    let holdsRoots = step.holdsRoots(
      state[0], count: step.count, decay: weightDecay, flag: &state.numbers[0])
    var flag = before
    _ = step.holdsRoots(state[1], count: step.count, decay: weightDecay, flag: &flag)
    step.writeUpdate(
      Kernel(
        gradients: ExponentialMeanSquare(state[0], decay: rho, holdsRoots: holdsRoots),
        deltas: ExponentialMeanSquare(state[1], decay: rho, holdsRoots: holdsRoots),
        epsilon: Lanes(repeating: Float(holdsRoots ? epsilon.squareRoot() : epsilon)),
        rate: Lanes(repeating: Float(-step.learningRate))),
      weightDecay: weightDecay, maximize: maximize)
  }

  private struct Kernel: UpdateKernel {
    let gradients: ExponentialMeanSquare
    let deltas: ExponentialMeanSquare
    /// ε, or √ε where the memory holds roots.
    let epsilon: Lanes
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      if gradients.holdsRoots {
        let divisor = rootOfSquares(
          .one, gradients.takeRoot(gradient, at: place), .one, epsilon)
        let delta =
          rootOfSquares(.one, deltas.root(at: place), .one, epsilon) * (gradient / divisor)
        _ = deltas.takeRoot(delta, at: place)
        return rate * delta
      }
      let squares = gradients.take(gradient, at: place)
      let root = cvector_sqrt(place.load(deltas.array) + epsilon)
      let delta = root / cvector_sqrt(squares + epsilon) * gradient
      _ = deltas.take(delta, at: place)
      return rate * delta
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var adadelta: Self {
    CatalogEntry(
      name: "adadelta", summary: "steps in the units of the parameters, without a rate to tune",
      reference: "Zeiler, 2012",
      hyperparameters: [
        .learningRate(1),
        Hyperparameter(
          "rho", .number(.fraction), default: .number(0.9), scale: .logarithmic,
          "decay of the mean squares, ρ"),
        .eps(1e-6),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      Adadelta(
        rho: options.number("rho"), epsilon: options.number("eps"),
        weightDecay: WeightDecay(.coupled, in: options), maximize: options.boolean("maximize"))
    }
  }
}
