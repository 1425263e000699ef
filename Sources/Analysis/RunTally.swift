public import Records

/// How many runs were planned, and what became of them. No run is ever dropped from it:
/// `planned == done + void + missing`, and the counts by outcome sum to `done + void`.
public struct RunTally: Sendable, Equatable {
  public let planned: Int
  /// The runs that are stored, failed ones included, void ones not.
  public let done: Int
  /// The stored runs whose objective failed: nobody knows how the method would have done.
  public let void: Int
  /// The stored runs that diverged or ended without a finite loss.
  public let failed: Int
  /// The stored runs that did not fail and never moved: nothing can be said for their stability.
  public let stoodStill: Int
  /// The stored runs by outcome, in the order of `Outcome.allCases`.
  public let outcomes: [Int]

  init(_ runs: [RunSummary], planned: Int) {
    self.planned = max(planned, runs.count)
    done = runs.count(where: \.isJudged)
    void = runs.count - done
    failed = runs.count { $0.isFailed }
    stoodStill = runs.count { $0.status == .ended && $0.hasStoodStill }
    outcomes = Outcome.allCases.map { outcome in runs.count { $0.outcome == outcome } }
  }

  /// Whether every stored run moved and did not fail.
  public var isStable: Bool { failed == 0 && stoodStill == 0 }

  public var missing: Int { planned - done - void }

  /// The share of the stored runs that failed; nil without runs.
  func failureRate(_ options: AnalysisOptions) -> Estimate? {
    Estimate(share: failed, of: done, options)
  }

  public func count(_ outcome: Outcome) -> Int {
    zip(Outcome.allCases, outcomes).first { $0.0 == outcome }?.1 ?? 0
  }
}
