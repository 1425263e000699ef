package import Analysis

/// Every combination that the experiment file names, in one round.
package struct GridPlanner: Planner {
  private var isPlanned = false

  package init() {}

  package mutating func nextRound(
    of plan: ExperimentPlan, after results: () throws -> [RunSummary]
  ) -> [PlannedRun] {
    defer { isPlanned = true }
    return isPlanned ? [] : plan.runs
  }
}
