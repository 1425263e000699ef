/// How many of some runs were still training after each number of steps.
public struct SurvivalCurve: Sendable, Equatable {
  /// A number of steps after which fewer runs go on than before.
  public struct Fall: Sendable, Equatable {
    public let step: Int
    /// The share of the runs that have not failed up to this step.
    public let share: Double

    public init(step: Int, share: Double) {
      self.step = step
      self.share = share
    }
  }

  /// The runs counted: those that say something of their method.
  public let count: Int
  /// In the order of the steps; empty where no run failed.
  public let falls: [Fall]
  /// The steps that the longest run made.
  public let steps: Int

  /// A failed run counts up to the step that failed, one that ended worse than it began up to its end. Runs
  /// that were stopped count as if they had gone on: nothing says that they would have failed.
  public init(_ runs: [RunSummary]) {
    let judged = runs.filter(\.isJudged)
    count = judged.count
    steps = judged.map(\.steps).max() ?? 0
    let ends = judged.filter(\.isFailed).map { $0.failureStep >= 0 ? $0.failureStep : $0.steps }
    falls = Set(ends).sorted().map { [count] step in
      let failed = ends.count { $0 <= step }
      return Fall(step: step, share: Double(count - failed) / Double(count))
    }
  }
}
