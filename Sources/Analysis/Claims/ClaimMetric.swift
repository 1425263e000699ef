internal import Records

/// A quantity in which a claim compares two methods, one value for each seed.
public struct ClaimMetric: Sendable, Equatable {
  /// Why a method has no values.
  struct Obstacle: Error { let reason: String }

  /// The name in a file, such as `test_loss`.
  public let name: String
  public let isHigherBetter: Bool
  /// Whether a value is 1 or 0.
  public let isShare: Bool
  /// Whether only results of the robust protocol have it.
  public let isRobust: Bool
  /// Whether a target is needed.
  public let needsTarget: Bool
  /// The values by seed, given whether the method is the one said to be better.
  let values: @Sendable (ClaimRuns, _ isBetter: Bool) throws(Obstacle) -> [Int: Double]

  public static func == (a: ClaimMetric, b: ClaimMetric) -> Bool { a.name == b.name }

  /// Every metric, in the order of documents.
  public static let all: [ClaimMetric] =
    EvaluationMetric.allCases.map(final) + [stepsToTarget, overshootRegret, robustProgress]
    + StressLadder.multiples.filter { $0 >= 1 }.map(useful)

  /// The evaluation at the end, at the chosen rate. A failed run counts with the reference loss, and so
  /// does a loss above it; with an accuracy of 0.
  private static func final(_ metric: EvaluationMetric) -> ClaimMetric {
    ClaimMetric(
      name: metric.rawValue, isHigherBetter: metric.isAccuracy, isShare: false, isRobust: false,
      needsTarget: false
    ) { runs, _ throws(Obstacle) in
      let reference = metric.isAccuracy ? 0 : runs.referenceLoss
      if runs.isUntrained { return runs.everySeed(reference) }
      var values: [Int: Double] = [:]
      for run in runs.chosen {
        let value = run.isFailed ? nil : run.final(metric)
        guard run.isFailed || value != nil else {
          throw Obstacle(reason: "\(metric.rawValue) was not measured")
        }
        if let value, value.isFinite {
          values[run.seed] =
            metric.isAccuracy ? value : min(value, reference.isNaN ? value : reference)
        } else if reference.isNaN {
          throw Obstacle(
            reason:
              "a run failed, and the result does not say with which loss (the reference) it counts"
          )
        } else {
          values[run.seed] = reference
        }
      }
      return values
    }
  }

  /// Updates up to the evaluation that met the target. A run that never does counts with the budget for
  /// the method that is said to be slower, ten budgets for the faster one: against the claim.
  private static let stepsToTarget = ClaimMetric(
    name: "steps_to_target", isHigherBetter: false, isShare: false, isRobust: false,
    needsTarget: true
  ) { runs, isBetter throws(Obstacle) in
    guard runs.problem.hasTarget else { throw Obstacle(reason: "the problem has no target") }
    let never = Double(runs.problem.steps) * (isBetter ? 10 : 1)
    if runs.isUntrained { return runs.everySeed(never) }
    return runs.bySeed { $0.targetStep < 0 ? never : Double($0.targetStep) }
  }

  private static let overshootRegret = ClaimMetric(
    name: "overshoot_regret", isHigherBetter: false, isShare: false, isRobust: true,
    needsTarget: false
  ) { runs, _ throws(Obstacle) in
    try runs.bySeed(ladder: \.overshootRegrets, untrained: 1)
  }

  private static let robustProgress = ClaimMetric(
    name: "robust_progress", isHigherBetter: true, isShare: false, isRobust: true,
    needsTarget: false
  ) { runs, _ throws(Obstacle) in
    guard runs.robust?.ladder == nil || runs.robust?.ladder?.robustProgress != nil else {
      throw Obstacle(reason: "the problem has no lower bound, and so no robust progress")
    }
    return try runs.bySeed(ladder: { $0.robustProgress ?? [] }, untrained: 0)
  }

  /// Whether a run at a multiple of the tuned rate keeps half of the progress made there.
  private static func useful(at multiple: Double) -> ClaimMetric {
    ClaimMetric(
      name: "useful_at_\(Int(multiple))x", isHigherBetter: true, isShare: true, isRobust: true,
      needsTarget: false
    ) { runs, _ throws(Obstacle) in
      guard let rung = StressLadder.multiples.firstIndex(of: multiple) else { return [:] }
      return try runs.bySeed(ladder: { $0.isUseful[rung].map { $0 ? 1 : 0 } }, untrained: 0)
    }
  }
}

/// The runs of one method by which a claim is judged.
struct ClaimRuns: Sendable {
  let problem: ProblemRecord
  /// Those at the rate that tuning or the other seeds chose by the validation loss.
  let chosen: [RunSummary]
  /// nil for a grid.
  let robust: RobustMethod?
  /// The seeds that evaluate.
  let seeds: [Int]

  var referenceLoss: Double { problem.referenceLoss }

  /// Whether the method has no tuned rate, because none trains.
  var isUntrained: Bool { robust.map { $0.tunedRate == nil } ?? false }

  func everySeed(_ value: Double) -> [Int: Double] {
    Dictionary(uniqueKeysWithValues: seeds.map { ($0, value) })
  }

  func bySeed(_ value: (RunSummary) -> Double) -> [Int: Double] {
    Dictionary(chosen.map { ($0.seed, value($0)) }) { first, _ in first }
  }

  func bySeed(
    ladder values: (StressLadder) -> [Double], untrained: Double
  ) throws(ClaimMetric.Obstacle) -> [Int: Double] {
    guard let robust else {
      throw ClaimMetric.Obstacle(
        reason: "only results of the robust protocol have it ('protocol: robust')")
    }
    guard let ladder = robust.ladder else { return everySeed(untrained) }
    return Dictionary(zip(seeds, values(ladder))) { first, _ in first }
  }
}
