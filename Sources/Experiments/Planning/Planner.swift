package import Analysis

/// Decides of which runs an experiment consists, round by round.
///
/// A round is decided when all runs of the rounds before are finished, and from nothing but their
/// results: so the runs are the same whatever the number of jobs, their order and interruptions.
package protocol Planner: Sendable {
  /// The runs of the next round, none of which was planned before; empty when there is nothing to
  /// add.
  ///
  /// - Parameter results: Gives all runs planned so far, in their order.
  mutating func nextRound(
    of plan: ExperimentPlan, after results: () throws -> [RunSummary]
  ) throws -> [PlannedRun]
}
