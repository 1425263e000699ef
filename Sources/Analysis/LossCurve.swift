public import Records
internal import Statistics

/// A loss at an evaluation.
public struct CurvePoint: Sendable, Equatable {
  /// The updates before it.
  public let step: Int
  /// The gradients computed before it.
  public let gradientEvaluations: Int64
  public let value: Double
}

/// How the runs of a method went, one per seed: the loss by which methods are ranked at each
/// evaluation, and where runs ended.
public struct LossCurve: Sendable {
  /// The runs that were evaluated at a step and had a finite loss there.
  public struct Point: Sendable, Equatable {
    public let step: Int
    public let median: Double
    public let lowest: Double
    public let highest: Double
  }

  /// Where a run failed.
  public struct End: Sendable, Equatable {
    public let step: Int
    /// The last finite loss before it; nil where there is none.
    public let value: Double?
  }

  public let points: [Point]
  public let ends: [End]

  init(_ runs: [RunSummary]) {
    let steps = Set(runs.flatMap { $0.curve.map(\.step) }).sorted()
    points = steps.compactMap { step in
      let values = runs.compactMap { run in
        run.curve.first { $0.step == step && $0.value.isFinite }?.value
      }
      guard let lowest = values.min(), let highest = values.max() else { return nil }
      return Point(step: step, median: median(values), lowest: lowest, highest: highest)
    }
    ends = runs.filter(\.isFailed).map { run in
      End(
        step: run.failureStep >= 0 ? run.failureStep : run.steps,
        value: run.curve.last { $0.value.isFinite }?.value)
    }
  }
}

/// How one run of a grid ended.
public struct GridResult: Sendable, Equatable {
  public let seed: Int
  public let outcome: Outcome
  public let isFailed: Bool
  /// The final loss by which methods are ranked; nil for a failed run.
  public let score: Double?

  init(_ run: RunSummary) {
    seed = run.seed
    outcome = run.outcome
    isFailed = run.isFailed
    score = run.finalScore.isFinite ? run.finalScore : nil
  }
}
