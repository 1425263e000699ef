internal import CVector
internal import Settings
internal import Tensors

/// Adagrad (Duchi, Hazan & Singer, 2011).
///
/// At the t-th update, t from 1, with the gradient g (weight decay included: g + λθ):
///
///     s ← s + g²        u = −η/(1 + (t − 1)δ) · g / (√s + ε)
///
/// with the decay δ = `lr_decay`. These are PyTorch's semantics: s starts at 0 and ε stands outside
/// the root; Keras and Optax start s at 0.1 with ε inside. The memory holds √s where squares leave the
/// range of float, as in [`adam`](#adam).
struct Adagrad: DirectOptimizer {
  let decay: Double
  let initialSum: Double
  let epsilon: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let flag = Roots.flag(epsilon: epsilon, decay: nil)
    return NamedArrays(
      arrays: [("sum", layout.count)],
      repeating: Float(flag.value == 0 ? initialSum : initialSum.squareRoot()),
      numbers: [("updates", 0), flag])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    let rate = step.learningRate / (1 + state.numbers[0] * decay)
    state.numbers[0] += 1
    step.writeUpdate(
      Kernel(
        sum: state[0],
        holdsRoots: step.holdsRoots(
          state[0], count: step.count, decay: weightDecay, flag: &state.numbers[1]),
        epsilon: Lanes(repeating: Float(epsilon)),
        rate: Lanes(repeating: Float(-rate))), weightDecay: weightDecay, maximize: maximize)
  }

  private struct Kernel: UpdateKernel {
    let sum: UnsafeMutablePointer<Float>
    let holdsRoots: Bool
    let epsilon: Lanes
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      if holdsRoots {
        let root = rootOfSquares(.one, place.load(sum), .one, gradient)
        place.store(root, sum)
        return rate * (gradient / (root + epsilon))
      }
      let squares = place.load(sum) + gradient * gradient
      place.store(squares, sum)
      return rate * gradient / (cvector_sqrt(squares) + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var adagrad: Self {
    CatalogEntry(
      name: "adagrad", summary: "gradient divided by the root of the sum of its squares",
      reference: "Duchi, Hazan & Singer, 2011",
      hyperparameters: [
        .learningRate(0.01),
        Hyperparameter(
          "lr_decay", .number(.nonnegative), default: .number(0), scale: .logarithmic,
          "fall of the learning rate with the updates, δ"),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn,
        Hyperparameter(
          "initial_accumulator_value", .number(.nonnegative), default: .number(0),
          "where the sum of squares starts"),
        .eps(1e-10),
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      Adagrad(
        decay: options.number("lr_decay"),
        initialSum: options.number("initial_accumulator_value"), epsilon: options.number("eps"),
        weightDecay: WeightDecay(.coupled, in: options), maximize: options.boolean("maximize"))
    }
  }
}
