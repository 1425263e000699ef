internal import Problems
internal import Records

/// Evaluates a run between its steps and keeps what it found.
struct RunEvaluator {
  private(set) var evaluations = Evaluations()
  /// The first evaluated step that met the target, or −1.
  private(set) var targetStep = -1
  /// The last evaluated loss on the training split, as it is stored.
  private(set) var trainLoss = Double.nan
  /// The last evaluated loss where the learning rate is chosen: on the validation split, if there
  /// is one. The spec's early stop and schedules that follow the loss look at it.
  private(set) var selectionLoss = Double.nan
  /// Evaluations in a row without a new best selection loss.
  private(set) var evaluationsSinceBest = 0
  private var bestLoss = Double.infinity
  private let target: Target?
  /// Seconds that evaluations took.
  private var evaluationSeconds = 0.0
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  init(target: Target?) {
    self.target = target
    start = clock.now
  }

  /// Seconds since the run began.
  var elapsedSeconds: Double { (clock.now - start) / .seconds(1) }

  /// Seconds of the run so far that went into no evaluation.
  var trainingSeconds: Double { elapsedSeconds - evaluationSeconds }

  /// The results of `evaluate`, whose time is no time of training.
  mutating func measure(_ evaluate: () -> [EvaluationResult?]) -> [EvaluationResult?] {
    let start = elapsedSeconds
    defer { evaluationSeconds += elapsedSeconds - start }
    return evaluate()
  }

  /// Whether the state after `step` updates has been evaluated.
  func hasEvaluated(after step: Int) -> Bool { evaluations.steps.last == Int32(step) }

  /// Adds to the last evaluation what it left out.
  mutating func complete(with results: [EvaluationResult?]) {
    for metric in EvaluationMetric.allCases {
      if let value = metric.storedValue(in: results) {
        evaluations[metric][evaluations.steps.count - 1] = value
      }
    }
  }

  /// Takes in the results for all splits after `step` updates. What is decided by them, the target
  /// and the spec's early stop, is decided by the numbers that are stored.
  mutating func record(
    _ results: [EvaluationResult?], after step: Int, gradientEvaluations: Int64
  ) {
    evaluations.steps.append(Int32(step))
    for metric in EvaluationMetric.allCases {
      evaluations[metric].append(metric.storedValue(in: results) ?? .nan)
    }
    evaluations.elapsedSeconds.append(elapsedSeconds)
    evaluations.gradientEvaluations.append(gradientEvaluations)
    trainLoss = EvaluationMetric.trainLoss.storedValue(in: results) ?? .nan

    selectionLoss = EvaluationMetric.validationLoss.storedValue(in: results) ?? trainLoss
    evaluationsSinceBest = selectionLoss < bestLoss ? 0 : evaluationsSinceBest + 1
    bestLoss = min(bestLoss, selectionLoss)
    if targetStep < 0, let target,
      let metric = EvaluationMetric(rawValue: target.metric),
      let value = metric.storedValue(in: results),
      target.isAtLeast ? value >= target.value : value <= target.value
    {
      targetStep = step
    }
  }
}

extension EvaluationMetric {
  /// The metric's value among the results for train, validation and test, as it is stored: a loss in
  /// single precision.
  fileprivate func storedValue(in results: [EvaluationResult?]) -> Double? {
    switch self {
    case .trainLoss: results[0].map { Double(Float($0.loss)) }
    case .validationLoss: results[1].map { Double(Float($0.loss)) }
    case .testLoss: results[2].map { Double(Float($0.loss)) }
    case .trainAccuracy: results[0]?.accuracy
    case .validationAccuracy: results[1]?.accuracy
    case .testAccuracy: results[2]?.accuracy
    }
  }
}
