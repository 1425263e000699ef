internal import CVector
internal import Settings
internal import Tensors

/// Adan (Xie et al., 2022), adaptive Nesterov momentum from the differences of gradients.
///
/// At the t-th update, t from 1, with d = g − g₋₁, the change of the gradient (0 at the first):
///
///     m ← m + (1 − β₁)(g − m)        v ← v + (1 − β₂)(d − v)        n ← β₃n + (1 − β₃)(g + β₂d)²
///     u = −η·[m/(1 − β₁ᵗ) + β₂v/(1 − β₂ᵗ)] / (√n/√(1 − β₃ᵗ) + ε)
///
/// and θ ← (θ + u)/(1 + ηλ), or θ ← (1 − ηλ)θ + u with `no_prox`. These are the semantics and
/// defaults of the authors' code, whose β are one minus the paper's. Optax 0.2.8 has 1 − β₂ in the
/// two places where the authors have β₂. The authors' `max_grad_norm` is a clip, to be named under
/// `clipping`.
struct Adan: DirectOptimizer {
  let betas: [Double]
  let epsilon: Double
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let names = ["exp_avg", "exp_avg_diff", "exp_avg_sq", "previous_grad"]
    return NamedArrays(
      arrays: names.map { ($0, layout.count) },
      numbers: [("updates", 0), Roots.flag(epsilon: epsilon, decay: betas[2])])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    state.numbers[0] += 1
    let updates = state.numbers[0]
    _ = step.holdsRoots(state[2], count: step.count, flag: &state.numbers[1])
    if updates == 1 {
      step.writeUpdate(
        Kernel<SwitchedOff>(self, step, updates, state), weightDecay: weightDecay,
        maximize: maximize)
    } else {
      step.writeUpdate(
        Kernel<SwitchedOn>(self, step, updates, state), weightDecay: weightDecay,
        maximize: maximize)
    }
  }

  private struct Kernel<HasPrevious: KernelSwitch>: UpdateKernel {
    let mean: ExponentialMean
    let change: ExponentialMean
    let squares: ExponentialMeanSquare
    let previous: UnsafeMutablePointer<Float>
    let lookahead: Lanes
    let rootCorrection: Lanes
    let epsilon: Lanes
    let meanRate: Lanes
    let changeRate: Lanes

    init(_ rule: Adan, _ step: OptimizerStep, _ updates: Double, _ state: NamedArrays) {
      let beta2 = rule.betas[1]
      let meanCorrection = 1 - power(rule.betas[0], updates)
      let changeCorrection = 1 - power(beta2, updates)
      let squareCorrection = 1 - power(rule.betas[2], updates)
      mean = ExponentialMean(state[0], decay: rule.betas[0])
      change = ExponentialMean(state[1], decay: beta2)
      squares = ExponentialMeanSquare(
        state[2], decay: rule.betas[2], holdsRoots: state.numbers[1] != 0)
      previous = state[3]
      lookahead = Lanes(repeating: Float(beta2))
      rootCorrection = Lanes(repeating: Float(1 / squareCorrection.squareRoot()))
      epsilon = Lanes(repeating: Float(rule.epsilon))
      meanRate = Lanes(repeating: Float(-step.learningRate / meanCorrection))
      changeRate = Lanes(repeating: Float(-step.learningRate * beta2 / changeCorrection))
    }

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let difference = HasPrevious.isOn ? gradient - place.load(previous) : Lanes.zero
      place.store(gradient, previous)
      let average = mean.take(gradient, at: place)
      let trend = change.take(difference, at: place)
      let root = squares.takeRoot(gradient + lookahead * difference, at: place)
      let divisor = root * rootCorrection + epsilon
      if squares.holdsRoots {
        return meanRate * (average / divisor) + changeRate * (trend / divisor)
      }
      return (meanRate * average + changeRate * trend) / divisor
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var adan: Self {
    CatalogEntry(
      name: "adan", summary: "adaptive Nesterov momentum from the differences of gradients",
      reference: "Xie, Zhou, Li, Lin & Yan, 2022",
      hyperparameters: [
        .learningRate(0.001),
        Hyperparameter(
          "betas", .numbers(.fraction, count: 3), default: .numbers([0.98, 0.92, 0.99]),
          scale: .logarithmic, search: [.firstDecay, .firstDecay, .secondDecay],
          "decays of the means of the gradient, of its change and of the square, β₁, β₂ and β₃"),
        .eps(1e-8),
        .weightDecay(0, "weight decay, λ"), .weightDecayOn,
        Hyperparameter(
          "no_prox", .boolean, default: .boolean(false),
          "weight decay beside the rule in place of the proximal step"),
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      Adan(
        betas: options.numbers("betas"), epsilon: options.number("eps"),
        weightDecay: WeightDecay(options.boolean("no_prox") ? .decoupled : .proximal, in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
