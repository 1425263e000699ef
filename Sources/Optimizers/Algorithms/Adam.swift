internal import CVector
internal import Settings
internal import Tensors

/// Adam (Kingma & Ba, 2015), with AMSGrad (Reddi, Kale & Kumar, 2018) and, for `adamw`, decoupled
/// weight decay (Loshchilov & Hutter, 2019).
///
/// At the t-th update, t from 1, with the gradient g (coupled weight decay included: g + λθ):
///
///     m ← m + (1 − β₁)(g − m)        v ← β₂v + (1 − β₂)g²        x ← max(x, v) for AMSGrad
///     u = −η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε), with x in place of v for AMSGrad
///
/// These are PyTorch's semantics: bias corrections in Double, ε outside the corrected root, the
/// maximum of AMSGrad taken before the correction (Optax takes it after). `eps: 0` gives NaN for a coordinate that never had a gradient, as in PyTorch. PyTorch divides by
/// √(1 − β₂ᵗ) where this multiplies by the reciprocal: at most one unit in the last place.
///
/// Keras has Kingma & Ba's ε̂: u = −η√(1 − β₂ᵗ)/(1 − β₁ᵗ)·m/(√v + ε̂), in which ε̂ = 1e-7 is an ε of
/// ε̂/√(1 − β₂ᵗ) here: 31.6 times as large at the first update at β₂ = 0.999. Optax is this rule, with
/// `eps_root` within the root besides.
///
/// Deviation, here and in all rules that divide by a root mean square: from a gradient of norm 1e15 on,
/// or where ε is too small to drown what flushed squares lose (below 3e-11 at β₂ = 0.999), the memory
/// holds √v in place of v, so that gradients from 1e-35 to 1e38 get the update of exact arithmetic. In
/// PyTorch's float32 v overflows where |g| exceeds 5.8e20 and the coordinate then rests; below 1e-21
/// it is 0.
struct Adam: DirectOptimizer, MomentumOptimizer {
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let isAMSGrad: Bool
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let names = ["exp_avg", "exp_avg_sq"] + (isAMSGrad ? ["max_exp_avg_sq"] : [])
    return NamedArrays(
      arrays: names.map { ($0, layout.count) },
      numbers: [("updates", 0), Roots.flag(epsilon: epsilon, decay: beta2)])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    let updates = state.numbers[0]
    let before = state.numbers[1]
    let holdsRoots = step.holdsRoots(
      state[1], count: step.count, decay: weightDecay, flag: &state.numbers[1])
    let squares = ExponentialMeanSquare(state[1], decay: beta2, holdsRoots: holdsRoots)
    if isAMSGrad {
      var flag = before
      _ = step.holdsRoots(state[2], count: step.count, decay: weightDecay, flag: &flag)
      step.writeUpdate(
        Kernel<SwitchedOn>(self, step, updates, state[0], squares, state[2]),
        weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    } else {
      step.writeUpdate(
        Kernel<SwitchedOff>(self, step, updates, state[0], squares, state[1]),
        weightDecay: weightDecay, maximize: maximize, splits: source.transformsMomentum
      ) { source.transform(momentum: $0) }
    }
  }

  /// Also what Muon and LAMB do with some or all tensors.
  struct Kernel<AMSGrad: KernelSwitch>: DirectionKernel {
    let mean: ExponentialMean
    let squares: ExponentialMeanSquare
    /// The greatest mean square so far; not touched without AMSGrad.
    let greatest: UnsafeMutablePointer<Float>
    let rootCorrection: Lanes
    let epsilon: Lanes
    let rate: Lanes

    init(
      _ rule: Adam, _ step: OptimizerStep, _ updates: Double, _ mean: UnsafeMutablePointer<Float>,
      _ squares: ExponentialMeanSquare, _ greatest: UnsafeMutablePointer<Float>
    ) {
      self.mean = ExponentialMean(mean, decay: rule.beta1)
      self.squares = squares
      self.greatest = greatest
      let meanCorrection = 1 - power(rule.beta1, updates)
      let squareCorrection = 1 - power(rule.beta2, updates)
      rootCorrection = Lanes(repeating: Float(1 / squareCorrection.squareRoot()))
      epsilon = Lanes(repeating: Float(rule.epsilon))
      rate = Lanes(repeating: Float(-step.learningRate / meanCorrection))
    }

    @inline(__always)
    func direction(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      mean.take(gradient, at: place)
    }

    @inline(__always)
    func update(
      along direction: Lanes, gradient: Lanes, at place: some LanePlace
    ) -> Lanes {
      var root = squares.takeRoot(gradient, at: place)
      if AMSGrad.isOn {
        let before = place.load(greatest)
        var square = place.load(squares.array)
        // A NaN mean square replaces the maximum, as in PyTorch.
        square.replace(with: before, where: before .> square)
        place.store(square, greatest)
        root = squares.holdsRoots ? square : cvector_sqrt(square)
      }
      return squares.quotient(rate, direction, root * rootCorrection + epsilon)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var adam: Self {
    adam(
      name: "adam", summary: "running means of the gradient and of its square, bias-corrected",
      reference: "Kingma & Ba, 2015; Reddi, Kale & Kumar, 2018 (AMSGrad)",
      weightDecay: .weightDecay(0, "L2 regularisation, λ"), decay: .coupled)
  }

  static var adamw: Self {
    adam(
      name: "adamw", summary: "Adam with decoupled weight decay",
      reference: "Loshchilov & Hutter, 2019",
      weightDecay: .weightDecay(0.01, "decoupled weight decay, λ: the parameters shrink by 1 − ηλ"),
      decay: .decoupled)
  }

  private static func adam(
    name: String, summary: String, reference: String, weightDecay: Hyperparameter,
    decay: WeightDecay.Form
  ) -> Self {
    CatalogEntry(
      name: name, summary: summary, reference: reference,
      hyperparameters: [
        .learningRate(0.001), .betas(0.9, 0.999), .eps(1e-8), weightDecay, .weightDecayOn,
        Hyperparameter(
          "amsgrad", .boolean, default: .boolean(false),
          "divide by the greatest mean square so far"),
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return Adam(
        beta1: betas[0], beta2: betas[1], epsilon: options.number("eps"),
        isAMSGrad: options.boolean("amsgrad"), weightDecay: WeightDecay(decay, in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
