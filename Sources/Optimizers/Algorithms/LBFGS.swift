internal import Settings
internal import Tensors

/// L-BFGS (Nocedal, 1980; Liu & Nocedal, 1989), a quasi-Newton method that keeps the last `history`
/// changes of parameters and gradient.
///
/// One update makes up to `max_iter` iterations on the same batch, each of them with the gradient g:
///
///     y = g − g₋, s = td: kept where yᵀs > 1e-10, with H₀ = yᵀs/yᵀy
///     d = −Hg by the two-loop recursion over the pairs kept; −g at the first iteration of all
///     θ ← θ + td, with t = η, or min(1, 1/‖g‖₁)η at the first iteration of all
///
/// and ends early when the greatest |gᵢ| is at most `tolerance_grad`, when parameters or loss change
/// by no more than `tolerance_change`, or when `max_eval` evaluations are spent. With
/// `line_search_fn: strong_wolfe`, t is where the search begins; a search ends when as many tries
/// after its first are made as evaluations were left, so that an update spends at most `max_eval` + 1.
///
/// The semantics of `torch.optim.LBFGS` since 2.10 (before, a search had 25 tries whatever was left),
/// each closure call being a gradient evaluation; dot products are summed in Double. It is made for full batches: with mini-batches a pair y, s mixes two
/// batches at the start of each update, as it does in PyTorch. It keeps 2·`history_size` vectors
/// from the start, where PyTorch adds them one by one. Clipping sees every gradient, as in a closure
/// that clips.
struct LBFGS: AskingOptimizer {
  let iterations: Int
  let evaluations: Int
  let gradientTolerance: Double
  let changeTolerance: Double
  let history: Int
  let searches: Bool

  static let leastCurvature = 1e-10

  var demand: GradientDemand {
    let most = evaluations + (searches ? 1 : 0)
    return GradientDemand(evaluations: 1...max(1, most), isElsewhere: iterations > 1 || searches)
  }

  /// The arrays, by position.
  private enum Array {
    static let direction = 0
    static let previousGradient = 1
    static let point = 2
    static let trial = 3
    static let gradients = 4
    static let gradientChanges = 5
    static let steps = 6
  }

  /// The numbers, by position; then 1/yᵀs of each pair, and as many for the recursion.
  private enum Number {
    static let iterations = 0
    static let stepLength = 1
    static let scale = 2
    static let pairs = 3
    static let oldest = 4
    static let first = 5
  }

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    let n = layout.count
    return NamedArrays(
      arrays: [
        ("d", n), ("prev_flat_grad", n), ("point", n), ("trial", n), ("gradients", 4 * n),
        ("old_dirs", history * n), ("old_stps", history * n),
      ],
      numbers: [("n_iter", 0), ("t", 0), ("H_diag", 1), ("num_old", 0), ("oldest", 0)]
        + (0..<history).map { ("ro_\($0)", 0) } + (0..<history).map { ("al_\($0)", 0) })
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    let count = step.count
    let point = state[Array.point]
    let gradient = state[Array.gradients]
    point.update(from: step.parameters, count: count)
    gradient.update(from: step.gradient, count: count)
    minimise(from: step, state: &state, asking: &source)
    Vector.combine(1, point, -1, step.parameters, into: step.update, count: count)
  }

  /// Moves `point` through the iterations of one update.
  private func minimise(
    from step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    let count = step.count
    let point = state[Array.point]
    let gradient = state[Array.gradients]
    let direction = state[Array.direction]
    var loss = step.loss
    var spent = 1
    if isFlat(gradient, count: count) { return }

    for iteration in 1...iterations {
      state.numbers[Number.iterations] += 1
      let isFirst = state.numbers[Number.iterations] == 1
      if isFirst {
        Vector.scale(gradient, by: -1, into: direction, count: count)
      } else {
        remember(&state, count: count)
        turn(&state, count: count)
      }
      state[Array.previousGradient].update(from: gradient, count: count)
      let previousLoss = loss
      var length = step.learningRate
      if isFirst { length *= min(1, 1 / orderedNorm(gradient, count: count, order: 1)) }
      state.numbers[Number.stepLength] = length

      let slope = Vector.dot(gradient, direction, count: count)
      if slope > -changeTolerance { return }

      if searches {
        let search = StrongWolfeSearch(
          start: point, direction: direction, point: state[Array.trial],
          gradients: gradient, count: count,
          mostTries: evaluations - spent)
        let (best, tries) = search.run(
          from: StrongWolfeSearch.Trial(step: 0, loss: loss, slope: slope, slot: 0),
          firstStep: length, asking: &source)
        if best.slot != 0 {
          gradient.update(from: gradient + best.slot * count, count: count)
        }
        loss = best.loss
        length = best.step
        state.numbers[Number.stepLength] = length
        spent += tries
        Vector.combine(1, point, length, direction, into: point, count: count)
      } else {
        Vector.combine(1, point, length, direction, into: point, count: count)
        // The gradient after the last iteration is the next update's first.
        if iteration == iterations { return }
        loss = source.loss(at: point, gradient: gradient)
        spent += 1
      }

      if iteration == iterations || spent >= evaluations { return }
      if isFlat(gradient, count: count) { return }
      let move = abs(length) * orderedNorm(direction, count: count, order: .infinity)
      if move <= changeTolerance || abs(loss - previousLoss) < changeTolerance { return }
    }
  }

  private func isFlat(_ gradient: UnsafePointer<Float>, count: Int) -> Bool {
    orderedNorm(gradient, count: count, order: .infinity) <= gradientTolerance
  }

  /// Keeps y and s of the last iteration, in place of the oldest where all places are taken.
  private func remember(_ state: inout NamedArrays, count: Int) {
    let pairs = Int(state.numbers[Number.pairs])
    let oldest = Int(state.numbers[Number.oldest])
    let place = pairs < history ? pairs : oldest
    // Computed aside: a pair that is not kept must not touch the ones that are.
    let change = state[Array.trial]
    Vector.combine(
      1, state[Array.gradients], -1, state[Array.previousGradient], into: change, count: count)
    let length = state.numbers[Number.stepLength]
    let curvature = length * Vector.dot(change, state[Array.direction], count: count)
    guard curvature > Self.leastCurvature else { return }
    state[Array.gradientChanges].advanced(by: place * count).update(from: change, count: count)
    Vector.scaleInRange(
      state[Array.direction], by: length, into: state[Array.steps] + place * count, count: count)
    state.numbers[Number.first + place] = 1 / curvature
    state.numbers[Number.scale] = curvature / Vector.sumOfSquares(change, count: count)
    if pairs < history {
      state.numbers[Number.pairs] += 1
    } else {
      state.numbers[Number.oldest] = Double((oldest + 1) % history)
    }
  }

  /// d = −Hg by the two-loop recursion.
  private func turn(_ state: inout NamedArrays, count: Int) {
    let direction = state[Array.direction]
    let pairs = Int(state.numbers[Number.pairs])
    let oldest = Int(state.numbers[Number.oldest])
    Vector.scale(state[Array.gradients], by: -1, into: direction, count: count)
    for age in 0..<pairs {
      let place = (oldest + pairs - 1 - age) % history
      let s = state[Array.steps] + place * count
      let y = state[Array.gradientChanges] + place * count
      let alpha = Vector.dot(s, direction, count: count) * state.numbers[Number.first + place]
      state.numbers[Number.first + history + place] = alpha
      Vector.combine(1, direction, -alpha, y, into: direction, count: count)
    }
    Vector.scaleInRange(direction, by: state.numbers[Number.scale], into: direction, count: count)
    for index in 0..<pairs {
      let place = (oldest + index) % history
      let s = state[Array.steps] + place * count
      let y = state[Array.gradientChanges] + place * count
      let beta = Vector.dot(y, direction, count: count) * state.numbers[Number.first + place]
      let alpha = state.numbers[Number.first + history + place]
      Vector.combine(1, direction, alpha - beta, s, into: direction, count: count)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var lbfgs: Self {
    CatalogEntry(
      name: "lbfgs", summary: "quasi-Newton steps from the last changes of the gradient",
      reference: "Nocedal, 1980; Liu & Nocedal, 1989",
      hyperparameters: [
        .learningRate(1),
        Hyperparameter(
          "max_iter", .integer(1...1_000_000), default: .integer(20),
          "most iterations of one update"),
        Hyperparameter(
          "max_eval", .integer(1...1_000_000), default: .none, optional: true,
          "evaluations after which an update ends; null for 5/4 of max_iter"),
        Hyperparameter(
          "tolerance_grad", .number(.nonnegative), default: .number(1e-7), scale: .logarithmic,
          "greatest element of the gradient at which an update ends"),
        Hyperparameter(
          "tolerance_change", .number(.nonnegative), default: .number(1e-9), scale: .logarithmic,
          "change of parameters or loss at which an update ends"),
        Hyperparameter(
          "history_size", .integer(1...10_000), default: .integer(100),
          "changes of the gradient that are kept"),
        Hyperparameter(
          "line_search_fn", .choice(["strong_wolfe"]), default: .none, optional: true,
          "search each step's length; null for the learning rate as it is"),
      ]
    ) { options throws(HyperparameterError) in
      let iterations = options.integer("max_iter")
      return LBFGS(
        iterations: iterations,
        evaluations: options["max_eval"] == .none
          ? iterations * 5 / 4 : options.integer("max_eval"),
        gradientTolerance: options.number("tolerance_grad"),
        changeTolerance: options.number("tolerance_change"),
        history: options.integer("history_size"),
        searches: options.optionalText("line_search_fn") != nil)
    }
  }
}
