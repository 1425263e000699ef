internal import Settings
internal import Tensors

/// Lookahead (Zhang, Lucas, Hinton & Ba, 2019): slow weights that follow a base optimizer's fast
/// weights.
///
/// The base moves the fast weights θ, which are the trained ones. After every k-th update:
///
///     φ ← φ + α(θ − φ)        θ ← φ
///
/// The semantics of the authors' code and of Optax: φ starts at the first parameters and follows
/// after updates k, 2k, …. The package torch_optimizer starts φ after the first update and follows
/// after updates 1, k + 1, …. The base's memory goes on through a synchronisation, the authors'
/// default.
///
/// It is *evaluated at the slow weights* φ, as in the paper and with the authors'
/// `_backup_and_load_cache`; both are the same after every k-th update. Batch statistics, which follow
/// the fast weights, are estimated anew for each evaluation. A base that is evaluated elsewhere than
/// it trains is so from φ. A clip of updates or parameters that moves θ away from φ at a
/// synchronisation moves φ as well.
struct Lookahead: AskingOptimizer {
  let period: Int
  let share: Double
  let base: any Optimizer

  var demand: GradientDemand { base.demand }

  var offersMomentum: Bool { base.offersMomentum }

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("slow", layout.count)], numbers: [("updates", 0)],
      parts: [base.makeState(for: layout)])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    let slow = state[0]
    if isSynchronised(state) { slow.update(from: step.parameters, count: step.count) }
    state.numbers[0] += 1
    base.proposeUpdate(for: step, state: &state.parts[0], asking: &source)
    if isSynchronised(state) {
      step.with(gradient: UnsafePointer(step.update), update: step.update).writeUpdate(
        Synchronisation(
          parameters: step.parameters, slow: slow, share: Lanes(repeating: Float(share))))
    }
  }

  /// Whether the slow weights are the fast ones.
  private func isSynchronised(_ state: NamedArrays) -> Bool {
    Int(state.numbers[0]) % period == 0
  }

  var evaluatesElsewhere: Bool { true }

  func evaluationParameters(
    for parameters: UnsafePointer<Float>, layout: ParameterLayout, state: NamedArrays,
    scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    base.evaluationParameters(
      for: isSynchronised(state) ? parameters : UnsafePointer(state[0]), layout: layout,
      state: state.parts[0], scratch: scratch)
  }

  /// φ + α(θ + u − φ) − θ, from the base's update u.
  private struct Synchronisation: UpdateKernel {
    let parameters: UnsafePointer<Float>
    let slow: UnsafeMutablePointer<Float>
    let share: Lanes

    @inline(__always)
    func update(for update: Lanes, at place: some LanePlace) -> Lanes {
      let theta = place.load(parameters)
      let before = place.load(slow)
      return before + share * (theta + update - before) - theta
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var lookahead: Self {
    CatalogEntry(
      name: "lookahead", summary: "slow weights that follow a base optimizer every k updates",
      reference: "Zhang, Lucas, Hinton & Ba, 2019",
      hyperparameters: [
        .learningRate(0.001),
        Hyperparameter(
          "k", .integer(1...1_000_000), default: .integer(5),
          "updates of the base between two synchronisations"),
        Hyperparameter(
          "alpha", .number(.unit), default: .number(0.5),
          "share of the way that the slow weights go, α"),
        .base(.sgd),
      ]
    ) { options throws(HyperparameterError) in
      Lookahead(
        period: options.integer("k"), share: options.number("alpha"),
        base: try options.makeBase())
    }
  }
}
