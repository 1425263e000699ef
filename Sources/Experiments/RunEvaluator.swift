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
  private var start: ContinuousClock.Instant

  init(target: Target?) {
    self.target = target
    start = clock.now
  }

  /// Adds to a checkpoint what is known beside the evaluations themselves.
  func write(to checkpoint: inout RunCheckpoint) {
    checkpoint.integers["target_step"] = Int64(targetStep)
    checkpoint.integers["evaluations_since_best"] = Int64(evaluationsSinceBest)
    checkpoint.numbers["best_loss"] = bestLoss
    checkpoint.numbers["train_loss"] = trainLoss
    checkpoint.numbers["selection_loss"] = selectionLoss
    checkpoint.numbers["elapsed_seconds"] = elapsedSeconds
    checkpoint.numbers["evaluation_seconds"] = evaluationSeconds
  }

  /// Goes on from a checkpoint; false, and nothing changed, if that lacks anything.
  mutating func resume(from checkpoint: RunCheckpoint) -> Bool {
    guard let targetStep = checkpoint.integers["target_step"],
      let sinceBest = checkpoint.integers["evaluations_since_best"],
      let bestLoss = checkpoint.numbers["best_loss"],
      let trainLoss = checkpoint.numbers["train_loss"],
      let selectionLoss = checkpoint.numbers["selection_loss"],
      let elapsed = checkpoint.numbers["elapsed_seconds"], elapsed >= 0, elapsed < 1e9,
      let evaluationSeconds = checkpoint.numbers["evaluation_seconds"],
      checkpoint.run.evaluations.steps.first == 0
    else { return false }
    evaluations = checkpoint.run.evaluations
    self.targetStep = Int(targetStep)
    evaluationsSinceBest = Int(sinceBest)
    self.bestLoss = bestLoss
    self.trainLoss = trainLoss
    self.selectionLoss = selectionLoss
    self.evaluationSeconds = evaluationSeconds
    start = clock.now - .seconds(elapsed)
    return true
  }

  /// The loss on the training split before the first step, as it is stored.
  var initialLoss: Double { evaluations[.trainLoss].first ?? .nan }

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
