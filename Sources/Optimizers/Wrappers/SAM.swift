internal import Settings
internal import Tensors

/// SAM (Foret et al., 2021), sharpness-aware minimisation, and ASAM (Kwon et al., 2021), its form
/// that does not depend on the scale of the parameters, around any base optimizer.
///
/// With the gradient g at θ, norms over all tensors together:
///
///     e = ρ·g/(‖g‖ + 1e-12), or ρ·θ²g/(‖|θ|g‖ + 1e-12) where `adaptive`
///     u = the base optimizer's update at θ for the gradient at θ + e on the same batch
///
/// The semantics of davda54/sam, whose two calls are one step here; it spends two gradient
/// evaluations. Optax normalises without the 1e-12 and gives NaN at a zero gradient. A clip works
/// on both gradients; batch statistics are updated by the first only, as the authors advise. Weight
/// decay, momentum and the like belong to the base.
struct SAM: AskingOptimizer {
  let radius: Double
  let isAdaptive: Bool
  let base: any Optimizer

  static let epsilon = 1e-12

  var demand: GradientDemand {
    GradientDemand(evaluations: 2...2, isElsewhere: true).around(base.demand)
  }

  var offersMomentum: Bool { base.offersMomentum }

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("perturbed", layout.count), ("gradient", layout.count)],
      parts: [base.makeState(for: layout)])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    let perturbed = state[0]
    let gradient = state[1]
    let target = step.with(gradient: step.gradient, update: perturbed)
    if isAdaptive {
      target.writeUpdate(ScaledGradient(parameters: step.parameters))
      let norm = scaledNorm(perturbed, step)
      target.writeUpdate(
        AdaptivePerturbation(
          parameters: step.parameters, factor: factor(norm: norm), isLarge: norm > 1e18))
    } else {
      let factor = factor(norm: Vector.norm(step.gradient, count: step.count))
      target.writeUpdate(Perturbation(parameters: step.parameters, factor: factor))
    }
    _ = source.loss(at: perturbed, gradient: gradient)
    base.proposeUpdate(
      for: step.with(gradient: gradient, update: step.update), state: &state.parts[0],
      asking: &source)
  }

  /// ‖|θ|g‖, which may lie beyond the range of the products.
  private func scaledNorm(
    _ products: UnsafePointer<Float>, _ step: OptimizerStep
  ) -> Double {
    let norm = Vector.norm(products, count: step.count)
    guard !norm.isFinite else { return norm }
    var squares = 0.0
    for index in 0..<step.count {
      let product = Double(step.parameters[index]) * Double(step.gradient[index])
      squares += product * product
    }
    return squares.squareRoot()
  }

  private func factor(norm: Double) -> SplitFactor { SplitFactor(radius / (norm + Self.epsilon)) }

  var evaluatesElsewhere: Bool { base.evaluatesElsewhere }

  func evaluationParameters(
    for parameters: UnsafePointer<Float>, layout: ParameterLayout, state: NamedArrays,
    scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    base.evaluationParameters(
      for: parameters, layout: layout, state: state.parts[0], scratch: scratch)
  }

  /// |θ|g.
  private struct ScaledGradient: UpdateKernel {
    let parameters: UnsafePointer<Float>

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      // The sign does not matter to the norm.
      place.load(parameters) * gradient
    }
  }

  /// θ + fg.
  private struct Perturbation: UpdateKernel {
    let parameters: UnsafePointer<Float>
    let factor: SplitFactor

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      place.load(parameters) + factor.times(gradient)
    }
  }

  /// θ + fθ²g.
  private struct AdaptivePerturbation: UpdateKernel {
    let parameters: UnsafePointer<Float>
    let factor: SplitFactor
    /// Whether θ²g may overflow.
    let isLarge: Bool

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let theta = place.load(parameters)
      if isLarge { return theta + theta * (theta * factor.times(gradient)) }
      return theta + factor.times(theta * theta * gradient)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var sam: Self {
    sam(
      name: "sam", summary: "a base optimizer led by the gradient at the worst point nearby",
      reference: "Foret, Kleiner, Mobahi & Neyshabur, 2021", radius: 0.05, isAdaptive: false)
  }

  /// A preset of `sam`.
  static var asam: Self {
    sam(
      name: "asam", summary: "sam with a neighbourhood relative to the size of each parameter",
      reference: "Kwon, Kim, Park & Choi, 2021", radius: 0.5, isAdaptive: true)
  }

  private static func sam(
    name: String, summary: String, reference: String, radius: Double, isAdaptive: Bool
  ) -> Self {
    CatalogEntry(
      name: name, summary: summary, reference: reference,
      hyperparameters: [
        .learningRate(0.001),
        Hyperparameter(
          "rho", .number(.nonnegative), default: .number(radius), scale: .logarithmic,
          search: [isAdaptive ? .logarithmic(0.1...5) : .logarithmic(0.01...0.5)],
          "radius of the neighbourhood, ρ"),
        Hyperparameter(
          "adaptive", .boolean, default: .boolean(isAdaptive),
          "scale the neighbourhood by the parameters (ASAM)"),
        .base(.sgd),
      ]
    ) { options throws(HyperparameterError) in
      SAM(
        radius: options.number("rho"), isAdaptive: options.boolean("adaptive"),
        base: try options.makeBase())
    }
  }
}
