internal import CVector
internal import Settings
internal import Tensors

/// Sophia-G (Liu et al., 2023), a step bounded per element and scaled by an estimate of the
/// Hessian's diagonal (Gauss–Newton–Bartlett).
///
/// With the gradient g:
///
///     m ← m + (1 − β₁)(g − m)
///     u = −ηλθ − η·sign(m)·min(|m|/(ρ·b·h + 1e-15), 1)
///     h ← β₂h + (1 − β₂)ĝ² after every k-th update
///
/// ĝ is the gradient, at the parameters just reached and on the same batch, of the mean loss for
/// labels drawn from the model's own predictions: one more gradient evaluation. b is the number of
/// those labels, which makes b·ĝ² an estimate of the mean loss' curvature.
///
/// The semantics of the authors' `SophiaG`, without bias correction, and of their training script,
/// which refreshes h after updates k, 2k, … and clips ĝ like g; their read-me's loop counts one
/// update earlier. The authors pass b to `step(bs:)`, with 5120 as default: `bs` here, null for the
/// number of labels drawn, and 5120 where that is not known (given gradients). Before the first
/// refresh h is 0 and each step is η·sign(m).
struct SophiaG: AskingOptimizer {
  let beta1: Double
  let beta2: Double
  let rho: Double
  let labels: Int?
  let period: Int
  let weightDecay: WeightDecay
  let maximize: Bool

  static let defaultLabels = 5120

  var demand: GradientDemand { GradientDemand(evaluations: 1...2, samplesLabels: true) }

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: ["exp_avg", "hessian", "ahead", "sampled_gradient"].map { ($0, layout.count) },
      numbers: [("updates", 0), ("labels", 0)])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    let scale = rho * (labels.map(Double.init) ?? state.numbers[1])
    step.writeUpdate(
      Kernel(
        mean: ExponentialMean(state[0], decay: beta1), hessian: state[1],
        scale: Lanes(repeating: Float(scale)), rate: Lanes(repeating: Float(-step.learningRate))),
      weightDecay: weightDecay, maximize: maximize)
    guard Int(state.numbers[0]) % period == 0 else { return }

    let ahead = state[2]
    let sampled = state[3]
    step.with(gradient: UnsafePointer(step.update), update: ahead).writeUpdate(
      Sum(parameters: step.parameters))
    let drawn = source.sampleLabels(at: ahead, gradient: sampled)
    state.numbers[1] = Double(drawn > 0 ? drawn : Self.defaultLabels)
    step.with(gradient: UnsafePointer(sampled), update: ahead).writeUpdate(
      Refresh(hessian: ExponentialMeanSquare(state[1], decay: beta2)))
  }

  private struct Kernel: UpdateKernel {
    let mean: ExponentialMean
    let hessian: UnsafeMutablePointer<Float>
    let scale: Lanes
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let average = mean.take(gradient, at: place)
      let magnitude = cvector_abs(average)
      var ratio = magnitude / (scale * place.load(hessian) + 1e-15)
      ratio.replace(with: .one, where: ratio .> 1)
      return rate * signs(of: average) * ratio
    }
  }

  /// θ + u.
  private struct Sum: UpdateKernel {
    let parameters: UnsafePointer<Float>

    @inline(__always)
    func update(for update: Lanes, at place: some LanePlace) -> Lanes {
      place.load(parameters) + update
    }
  }

  private struct Refresh: UpdateKernel {
    let hessian: ExponentialMeanSquare

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      hessian.take(gradient, at: place)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var sophiaG: Self {
    CatalogEntry(
      name: "sophia-g", summary: "bounded steps scaled by a sampled diagonal of the Hessian",
      reference: "Liu, Li, Hall, Liang & Ma, 2023",
      hyperparameters: [
        .learningRate(1e-4), .betas(0.965, 0.99),
        Hyperparameter(
          "rho", .number(.positive), default: .number(0.04), scale: .logarithmic,
          "how far the bound is from the Newton step, ρ"),
        Hyperparameter(
          "k", .integer(1...1_000_000), default: .integer(10),
          "updates between two refreshes of the Hessian"),
        Hyperparameter(
          "bs", .integer(1...Int(Int32.max)), default: .none, optional: true,
          "labels of a batch, b; null for as many as are drawn"),
        .weightDecay(0.1, "decoupled weight decay, λ: the parameters shrink by 1 − ηλ"),
        .weightDecayOn, .maximize,
      ]
    ) { options throws(HyperparameterError) in
      let betas = options.numbers("betas")
      return SophiaG(
        beta1: betas[0], beta2: betas[1], rho: options.number("rho"),
        labels: options["bs"] == .none ? nil : options.integer("bs"),
        period: options.integer("k"), weightDecay: WeightDecay(.decoupled, in: options),
        maximize: options.boolean("maximize"))
    }
  }
}
