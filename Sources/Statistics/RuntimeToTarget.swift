/// The expected cost of repeating independent runs until one succeeds: what all runs spent, divided
/// by the number of successes (ERT or aRT of COCO; Hansen et al., 2009).
///
/// +∞ without a success.
/// - Parameters:
///   - costs: What each run spent, to its target or in vain; finite and not negative.
///   - succeeded: Whether the run met its target.
public func expectedRunningTime(costs: [Double], succeeded: [Bool]) -> Double {
  requireRuns(costs, succeeded)
  let successes = succeeded.count { $0 }
  return successes == 0 ? .infinity : costs.reduce(0, +) / Double(successes)
}

/// The mean cost where a run that missed its target is charged `factor` times the budget: PAR-10.
///
/// - Parameters:
///   - costs: What each run spent; of a failed run it does not matter.
///   - succeeded: Whether the run met its target.
///   - budget: What a run is given; positive.
///   - factor: The penalty, at least 1.
public func penalizedAverageRuntime(
  costs: [Double], succeeded: [Bool], budget: Double, factor: Double = 10
) -> Double {
  requireRuns(costs, succeeded)
  precondition(budget > 0 && budget.isFinite, "a budget of \(budget)")
  precondition(factor >= 1 && factor.isFinite, "a penalty factor of \(factor)")
  let charged = zip(costs, succeeded).map { cost, isSuccess in isSuccess ? cost : factor * budget }
  return charged.reduce(0, +) / Double(charged.count)
}

private func requireRuns(_ costs: [Double], _ succeeded: [Bool]) {
  precondition(costs.count == succeeded.count, "\(costs.count) costs, \(succeeded.count) outcomes")
  precondition(!costs.isEmpty, "a running time of no runs")
  for cost in costs { precondition(cost >= 0 && cost.isFinite, "a run that spent \(cost)") }
}
