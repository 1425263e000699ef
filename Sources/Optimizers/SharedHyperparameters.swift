internal import Settings

/// The options that many optimizers share, with the same name, range and meaning everywhere.
extension Hyperparameter {
  /// η, the first option of each optimizer; a run takes its value from the learning-rate grid.
  static func learningRate(_ value: Double) -> Hyperparameter {
    Hyperparameter(
      "learning_rate", .number(.positive), default: .number(value), scale: .logarithmic,
      "learning rate before the schedule, η")
  }

  static func weightDecay(_ value: Double, _ summary: String) -> Hyperparameter {
    Hyperparameter(
      "weight_decay", .number(.nonnegative), default: .number(value), scale: .logarithmic,
      search: [.logarithmic(1e-5...1)], summary)
  }

  /// Follows `weight_decay` in each optimizer that has it.
  static var weightDecayOn: Hyperparameter {
    Hyperparameter(
      "weight_decay_on", .choice(WeightDecay.Scope.allCases.map(\.rawValue)),
      default: .text(WeightDecay.Scope.all.rawValue),
      "what decays: all tensors, or weights and embeddings without biases and norms")
  }

  static var decoupledWeightDecay: Hyperparameter { decoupledWeightDecay(false) }

  static func decoupledWeightDecay(_ isDecoupled: Bool) -> Hyperparameter {
    Hyperparameter(
      "decoupled_weight_decay", .boolean, default: .boolean(isDecoupled),
      "weight decay beside the rule, as in adamw, in place of L2 regularisation")
  }

  static func betas(_ first: Double, _ second: Double) -> Hyperparameter {
    Hyperparameter(
      "betas", .numbers(.fraction, count: 2), default: .numbers([first, second]),
      scale: .logarithmic, search: [.firstDecay, .secondDecay],
      "decays of the means of the gradient and of its square, β₁ and β₂")
  }

  static func eps(_ value: Double) -> Hyperparameter {
    Hyperparameter(
      "eps", .number(.nonnegative), default: .number(value), scale: .logarithmic,
      "keeps the quotient finite, ε")
  }

  static var useBiasCorrection: Hyperparameter {
    Hyperparameter(
      "use_bias_correction", .boolean, default: .boolean(false), "correct the means as Adam does")
  }

  /// d₀ of the rules that estimate their own learning rate.
  static var initialDistance: Hyperparameter {
    Hyperparameter(
      "d0", .number(.positive), default: .number(1e-6), scale: .logarithmic,
      "first estimate of the distance to the solution, d₀")
  }

  static var growthRate: Hyperparameter {
    Hyperparameter(
      "growth_rate", .number(NumberRange(lower: 1, includesInfinity: true)),
      default: .number(.infinity), scale: .logarithmic,
      "greatest growth of the estimated distance in an update")
  }

  static func preconditionFrequency(_ value: Int) -> Hyperparameter {
    Hyperparameter(
      "precondition_frequency", .integer(1...Int.max), default: .integer(value),
      scale: .logarithmic, "updates between decompositions")
  }

  static func greatestOrder(_ value: Int) -> Hyperparameter {
    Hyperparameter(
      "max_precond_dim", .integer(1...32_768), default: .integer(value), scale: .logarithmic,
      "longest axis with a full second moment")
  }

  static var maximize: Hyperparameter {
    Hyperparameter(
      "maximize", .boolean, default: .boolean(false), "climb the objective instead of descending")
  }
}

/// The decays that many optimizers share.
extension SearchSpace {
  /// Of a mean of gradients: it remembers from 2 to 100 steps.
  static var firstDecay: SearchSpace { .decay(oneLess: 0.01...0.5) }
  /// Of a mean of squared gradients, or of differences: from 2 to 1,000 steps.
  static var secondDecay: SearchSpace { .decay(oneLess: 0.001...0.5) }
}
