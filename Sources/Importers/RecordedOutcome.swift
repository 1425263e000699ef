internal import Analysis
internal import Records

/// How a recorded run ended, by the rules for runs that optbench trains (`OutcomeJudge`), as far as what
/// was recorded tells:
///
/// - A training loss, an update norm or a parameter norm that is not finite ends the run, whatever was
///   logged after it.
/// - So does a gradient norm or an evaluated loss that is not finite, unless it comes back: loss scaling
///   steps over single gradients, and a log may leave out the training losses that were not finite.
/// - A run that ends finite has exploded, or ended worse than it began, by its first and its last training
///   loss: evaluated ones where there are two; otherwise the first logged one and the median of the last
///   tenth, ten at most, since single mini-batches are noisy.
struct RecordedOutcome {
  private(set) var outcome = Outcome.completed
  /// As `RunRecord.failureTensor`.
  private(set) var subject = ""
  /// The failing step; −1 without.
  private(set) var step = -1
  /// Whether the training loss was logged as finite after the failure.
  private(set) var wentOn = false

  init(_ steps: RecordedSteps, lowerBound: Double, ending: LoggedRun.Ending) {
    let losses = (steps.steps[.loss] ?? [:]).sorted { $0.key < $1.key }
    let evaluated = (steps.evaluations[.trainLoss] ?? [:]).sorted { $0.key < $1.key }
    let isEvaluated = evaluated.count > 1
    let initial = isEvaluated ? evaluated.first?.value : (losses.first ?? evaluated.first)?.value
    let judge = OutcomeJudge(
      initialLoss: initial ?? .nan, lowerBound: lowerBound, lossUnit: 1,
      explosionFactor: Outcome.defaultExplosionFactor, endsExplodedRuns: false)

    var failures: [(step: Int, failure: OutcomeJudge.Failure)] = []
    func note(_ step: Int, _ failure: OutcomeJudge.Failure?) {
      if let failure { failures.append((step, failure)) }
    }
    func first(_ series: StepSeries, _ judgement: (Double) -> OutcomeJudge.Failure?) {
      let values = (steps.steps[series] ?? [:]).sorted { $0.key < $1.key }
      guard let failing = values.first(where: { judgement($0.value) != nil }) else { return }
      note(failing.key, judgement(failing.value))
    }
    first(.loss) { judge.failure(loss: $0) }
    first(.updateNorm) { judge.failure(loss: 0, updateNorm: $0) }
    first(.parameterNorm) { judge.failure(loss: 0, parameterNorm: $0) }
    // A gradient that is not finite makes the update so, where nothing stops it.
    if let step = Self.lastingFailure(steps.steps[.gradientNorm]),
      !steps.evaluations.contains(where: { metric, values in
        !metric.isAccuracy && values.contains { $0.key > step + 1 && Float($0.value).isFinite }
      })
    {
      note(step, judge.failure(loss: 0, updateNorm: .infinity))
    }
    for metric in [EvaluationMetric.trainLoss, .validationLoss, .testLoss] {
      guard let updates = Self.lastingFailure(steps.evaluations[metric]) else { continue }
      note(max(updates - 1, 0), judge.finalFailure(finalLoss: .nan, hasSpentBudget: false))
    }
    if let first = failures.min(by: { $0.step < $1.step }) {
      (outcome, subject, step) = (first.failure.outcome, first.failure.subject, first.step)
      wentOn = losses.contains { $0.key > first.step && Float($0.value).isFinite }
      return
    }
    let last = isEvaluated ? evaluated.last?.value : Self.lastLoss(losses.map(\.value))
    let end = steps.lastStep
    switch ending {
    case .unfinished(let why):
      (outcome, subject, step) = (.objectiveFailed, "objective \(why)", end)
    case .stopped: outcome = .stalled
    case .unsaid: break
    }
    guard let last, outcome != .objectiveFailed,
      let failure = judge.finalFailure(finalLoss: last, hasSpentBudget: outcome == .completed)
    else { return }
    (outcome, subject, step) = (failure.outcome, failure.subject, max(end - 1, 0))
  }

  /// The first place from which on no value is finite any more.
  private static func lastingFailure(_ values: [Int: Double]?) -> Int? {
    let ordered = (values ?? [:]).sorted { $0.key < $1.key }
    guard let first = ordered.lastIndex(where: { Float($0.value).isFinite }) else {
      return ordered.first?.key
    }
    return first + 1 < ordered.count ? ordered[first + 1].key : nil
  }

  private static func lastLoss(_ losses: [Double]) -> Double? {
    if losses.isEmpty { return nil }
    let tail = losses.suffix(min(10, max(1, losses.count / 10))).sorted()
    return (tail[(tail.count - 1) / 2] + tail[tail.count / 2]) / 2
  }
}

extension RecordedSteps {
  /// The updates that the log knows of.
  var lastStep: Int {
    let steps = (self.steps.values.map(\.keys) + furtherSteps.map(\.values.keys)).compactMap {
      $0.max()
    }
    let updates =
      (evaluations.values.map(\.keys) + furtherEvaluations.map(\.values.keys)).compactMap {
        $0.max()
      }
    return max((steps.max() ?? -1) + 1, updates.max() ?? 0)
  }
}
