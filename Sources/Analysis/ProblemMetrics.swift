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
  /// The loss that curves over training show: the one that ranks, unless it was measured at fewer
  /// evaluations than the one that chooses.
  public let curve: EvaluationMetric

  init(_ runs: [RunRecord]) {
    available = EvaluationMetric.allCases.filter { metric in
      runs.contains { run in run.evaluations[metric].contains { !$0.isNaN } }
    }
    selection = available.contains(.validationLoss) ? .validationLoss : .trainLoss
    let score: EvaluationMetric = available.contains(.testLoss) ? .testLoss : selection
    let selection = selection
    self.score = score
    curve =
      runs.contains { run in
        func count(_ metric: EvaluationMetric) -> Int {
          run.evaluations[metric].count { !$0.isNaN }
        }
        return count(score) > 0 && count(score) < count(selection)
      } ? selection : score
  }
}
