internal import Settings
internal import Tensors

/// Averaged stochastic gradient descent (Polyak & Juditsky, 1992), with the rates of Bottou (2010).
///
/// At the t-th update, t from 1, with the gradient g (weight decay included: g + λθ), η₁ = η and
/// μ₁ = 1:
///
///     u = −λ'ηₜθ − ηₜg        a ← a + μₜ(θ + u − a)
///     ηₜ₊₁ = η/(1 + λ'ηt)^α        μₜ₊₁ = 1/max(1, t − t₀)
///
/// with λ' = `lambd`. These are PyTorch's semantics. As there, the mean a (`ax` in the state) is kept
/// and not evaluated: losses are those at θ. Each ηₜ₊₁ is computed one update ahead, so a schedule
/// acts one update late. The mean follows the proposed parameters θ + u; what a clip changes of an
/// update afterwards it does not see.
struct ASGD: DirectOptimizer {
  let decay: Double
  let exponent: Double
  let start: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("ax", layout.count)], numbers: [("updates", 0), ("eta", 0), ("mu", 1)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    let rate = state.numbers[0] == 0 ? step.learningRate : state.numbers[1]
    let gain = state.numbers[2]
    state.numbers[0] += 1
    let updates = state.numbers[0]
    state.numbers[1] = step.learningRate / power(1 + decay * step.learningRate * updates, exponent)
    state.numbers[2] = 1 / max(1, updates - start)
    step.writeUpdate(
      Kernel(
        parameters: step.parameters, mean: state[0], gain: Lanes(repeating: Float(gain)),
        shrinkage: Lanes(repeating: Float(decay * rate)), rate: Lanes(repeating: Float(rate))),
      weightDecay: weightDecay, maximize: maximize)
  }

  private struct Kernel: UpdateKernel {
    let parameters: UnsafePointer<Float>
    let mean: UnsafeMutablePointer<Float>
    let gain: Lanes
    let shrinkage: Lanes
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let parameter = place.load(parameters)
      let update = -shrinkage * parameter - rate * gradient
      let before = place.load(mean)
      place.store(before + gain * (parameter + update - before), mean)
      return update
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var asgd: Self {
    CatalogEntry(
      name: "asgd", summary: "gradient descent that also keeps the mean of its parameters",
      reference: "Polyak & Juditsky, 1992; Bottou, 2010",
      hyperparameters: [
        .learningRate(0.01),
        Hyperparameter(
          "lambd", .number(.nonnegative), default: .number(1e-4), scale: .logarithmic,
          "decay of the parameters and of the rate, λ'"),
        Hyperparameter(
          "alpha", .number(.nonnegative), default: .number(0.75),
          "exponent of the rate's decay, α"),
        Hyperparameter(
          "t0", .number(.nonnegative), default: .number(1e6), scale: .logarithmic,
          "updates before the mean starts, t₀"),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn,
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      ASGD(
        decay: options.number("lambd"), exponent: options.number("alpha"),
        start: options.number("t0"), weightDecay: WeightDecay(.coupled, in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
