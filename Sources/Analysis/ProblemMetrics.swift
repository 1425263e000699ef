public import Records

/// Which quantities a problem's runs measured, and which of them decides what.
public struct ProblemMetrics: Sendable, Equatable {
  /// The metrics with a value in any run.
  public let available: [EvaluationMetric]
  /// The loss by which a learning rate is chosen: on the validation split; on the training split
  /// where the problem has no validation split. The test split never chooses.
  public let selection: EvaluationMetric
  /// The loss by which methods are ranked: on the test split, which has chosen nothing; where there
  /// is none, the loss that chooses.
  public let score: EvaluationMetric

  init(_ runs: [RunRecord]) {
    available = EvaluationMetric.allCases.filter { metric in
      runs.contains { run in run.evaluations[metric].contains { !$0.isNaN } }
    }
    selection = available.contains(.validationLoss) ? .validationLoss : .trainLoss
    score = available.contains(.testLoss) ? .testLoss : selection
  }
}
