internal import CVector
internal import Settings
internal import Tensors

/// RMSprop (Tieleman & Hinton, 2012), centered after Graves (2013), with PyTorch's momentum.
///
/// With the gradient g (weight decay included: g + λθ):
///
///     v ← αv + (1 − α)g²        a ← a + (1 − α)(g − a)  where centered
///     d = √v + ε, or √(v − a²) + ε where centered
///     u = −ηg/d, or with momentum: b ← μb + g/d, u = −ηb
///
/// With `eps_in_sqrt` the root is taken of v + ε, as Keras and Optax have it; PyTorch adds ε to the
/// root.
///
/// Deviation from PyTorch: v − a², which is never negative in exact arithmetic, is held at zero
/// where rounding makes it so; PyTorch's root is NaN there, an artefact that would count as a
/// divergence of the method.
struct RMSprop: DirectOptimizer {
  let alpha: Double
  let epsilon: Double
  let momentum: Double
  let isCentered: Bool
  let hasEpsilonInRoot: Bool
  let weightDecay: WeightDecay
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    var names = ["square_avg"]
    if isCentered { names.append("grad_avg") }
    if momentum != 0 { names.append("momentum_buffer") }
    return NamedArrays(
      arrays: names.map { ($0, layout.count) },
      numbers: [
        Roots.flag(epsilon: hasEpsilonInRoot ? epsilon.squareRoot() : epsilon, decay: alpha)
      ])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    // An array that the variant lacks is never touched: its pointer stands in for nothing.
    let squares = ExponentialMeanSquare(
      state[0], decay: alpha,
      holdsRoots: step.holdsRoots(
        state[0], count: step.count, decay: weightDecay, flag: &state.numbers[0]))
    let none = state[0]
    switch (isCentered, momentum != 0) {
    case (false, false):
      write(step, Kernel<SwitchedOff, SwitchedOff>(self, step, squares, none, none))
    case (false, true):
      write(step, Kernel<SwitchedOff, SwitchedOn>(self, step, squares, none, state[1]))
    case (true, false):
      write(step, Kernel<SwitchedOn, SwitchedOff>(self, step, squares, state[1], none))
    case (true, true):
      write(step, Kernel<SwitchedOn, SwitchedOn>(self, step, squares, state[1], state[2]))
    }
  }

  @inline(__always)
  private func write(_ step: OptimizerStep, _ kernel: some UpdateKernel) {
    step.writeUpdate(kernel, weightDecay: weightDecay, maximize: maximize)
  }

  private struct Kernel<Centered: KernelSwitch, Momentum: KernelSwitch>: UpdateKernel {
    let squares: ExponentialMeanSquare
    let mean: ExponentialMean
    let buffer: UnsafeMutablePointer<Float>
    /// One of the two is zero; the first is √ε where the memory holds roots.
    let epsilonInRoot: Lanes
    let epsilon: Lanes
    let momentum: Lanes
    let rate: Lanes

    init(
      _ rule: RMSprop, _ step: OptimizerStep, _ squares: ExponentialMeanSquare,
      _ mean: UnsafeMutablePointer<Float>, _ buffer: UnsafeMutablePointer<Float>
    ) {
      self.squares = squares
      self.mean = ExponentialMean(mean, decay: rule.alpha)
      self.buffer = buffer
      let inRoot = squares.holdsRoots ? rule.epsilon.squareRoot() : rule.epsilon
      epsilonInRoot = Lanes(repeating: rule.hasEpsilonInRoot ? Float(inRoot) : 0)
      epsilon = Lanes(repeating: rule.hasEpsilonInRoot ? 0 : Float(rule.epsilon))
      momentum = Lanes(repeating: Float(rule.momentum))
      rate = Lanes(repeating: Float(-step.learningRate))
    }

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      if squares.holdsRoots { return updateByRoots(for: gradient, at: place) }
      var variance = squares.take(gradient, at: place)
      if Centered.isOn {
        let average = mean.take(gradient, at: place)
        variance -= average * average
        variance.replace(with: 0, where: variance .< 0)
      }
      let denominator = cvector_sqrt(variance + epsilonInRoot) + epsilon
      guard Momentum.isOn else { return rate * gradient / denominator }
      let moved = momentum * place.load(buffer) + gradient / denominator
      place.store(moved, buffer)
      return rate * moved
    }

    private func updateByRoots(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      var deviation = squares.takeRoot(gradient, at: place)
      if Centered.isOn {
        let average = cvector_abs(mean.take(gradient, at: place))
        var apart = deviation - average
        apart.replace(with: 0, where: apart .< 0)
        // √(v − a²).
        deviation = cvector_sqrt(apart) * cvector_sqrt(deviation + average)
      }
      let quotient = gradient / (rootOfSquares(.one, deviation, .one, epsilonInRoot) + epsilon)
      guard Momentum.isOn else { return rate * quotient }
      let moved = momentum * place.load(buffer) + quotient
      place.store(moved, buffer)
      return rate * moved
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var rmsprop: Self {
    CatalogEntry(
      name: "rmsprop", summary: "gradient divided by the root of its mean square",
      reference: "Tieleman & Hinton, 2012; Graves, 2013 (centered)",
      hyperparameters: [
        .learningRate(0.01),
        Hyperparameter(
          "alpha", .number(.fraction), default: .number(0.99), scale: .logarithmic,
          "decay of the mean square, α"),
        .eps(1e-8),
        .weightDecay(0, "L2 regularisation, λ"), .weightDecayOn,
        Hyperparameter(
          "momentum", .number(.unit), default: .number(0), "share of the buffer kept, μ"),
        Hyperparameter(
          "centered", .boolean, default: .boolean(false),
          "divide by the standard deviation instead of the root mean square"),
        Hyperparameter(
          "eps_in_sqrt", .boolean, default: .boolean(false),
          "add ε below the root, as Keras does, instead of to it"),
        .maximize,
      ]
    ) { options throws(HyperparameterError) in
      RMSprop(
        alpha: options.number("alpha"), epsilon: options.number("eps"),
        momentum: options.number("momentum"), isCentered: options.boolean("centered"),
        hasEpsilonInRoot: options.boolean("eps_in_sqrt"),
        weightDecay: WeightDecay(.coupled, in: options), maximize: options.boolean("maximize"))
    }
  }
}
