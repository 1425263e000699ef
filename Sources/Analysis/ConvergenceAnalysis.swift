public import Records
internal import Statistics

/// How well a method trains: one run per seed, at the learning rate chosen for that seed or at the
/// catalog's default.
public struct ConvergenceAnalysis: Sendable {
  /// One run per seed.
  public let runs: RunTally
  /// The interquartile mean of the last evaluation of each metric that the problem has, in the order
  /// of `EvaluationMetric`; nil for the others and without runs. A failed run counts as +∞ in a loss
  /// and as 0 in an accuracy.
  public let finals: [Estimate?]
  /// The interquartile mean of the smallest selection loss of each run, also of failed ones: what
  /// stopping in time would have given. +∞ for a run without a finite evaluation.
  public let bestLoss: Estimate?
  /// The interquartile mean over runs of the mean log₁₀ loss during training; failed: +∞.
  public let areaUnderLogLoss: Estimate?
  /// nil where the problem has no target, and without runs.
  public let target: TargetAnalysis?

  init(
    _ summaries: [RunSummary], planned: Int, problem: ProblemRecord, metrics: ProblemMetrics,
    budget: Double, _ options: AnalysisOptions
  ) {
    runs = RunTally(summaries, planned: planned)
    let summaries = summaries.filter(\.isJudged)
    finals = EvaluationMetric.allCases.map { metric in
      guard metrics.available.contains(metric) else { return nil }
      return Estimate(
        interquartileMeanOf: summaries.map {
          metric.isAccuracy ? $0.merit(metric) : $0.cost(metric)
        }, options)
    }
    bestLoss = Estimate(
      interquartileMeanOf: summaries.map { $0.bestLoss ?? .infinity }, options)
    areaUnderLogLoss = Estimate(
      interquartileMeanOf: summaries.map(\.areaUnderLogLoss), options)
    target =
      problem.hasTarget ? TargetAnalysis(summaries, budget: budget, options) : nil
  }

  /// The interquartile mean of the last evaluation of `metric`.
  public func final(_ metric: EvaluationMetric) -> Estimate? { finals[metric.index] }
}

/// What it costs a method to reach the problem's target, in gradient evaluations. A run that reached
/// it and failed afterwards has reached it.
public struct TargetAnalysis: Sendable {
  /// The runs that reached the target.
  public let reached: Int
  /// The share of runs that reached it.
  public let successRate: Estimate
  /// The median over runs, +∞ standing for runs that did not reach it.
  public let medianEvaluations: Double
  /// What all runs spent over the number that reached it (ERT of COCO); +∞ if none did.
  public let expectedRunningTime: Double
  /// The mean with ten of the common budgets for each run that did not reach it.
  public let penalizedAverage: Double

  init?(_ runs: [RunSummary], budget: Double, _ options: AnalysisOptions) {
    let succeeded = runs.map { $0.evaluationsToTarget != nil }
    let costs = runs.map { Double($0.evaluationsToTarget ?? $0.gradientEvaluations) }
    reached = succeeded.count { $0 }
    guard let share = Estimate(share: reached, of: runs.count, options) else { return nil }
    successRate = share
    medianEvaluations = median(zip(costs, succeeded).map { $1 ? $0 : .infinity })
    expectedRunningTime = Statistics.expectedRunningTime(costs: costs, succeeded: succeeded)
    penalizedAverage = penalizedAverageRuntime(
      costs: costs, succeeded: succeeded, budget: budget, factor: 10)
  }
}

extension ProblemRecord {
  /// Whether a target was set beforehand.
  public var hasTarget: Bool { !targetMetric.isEmpty && !targetValue.isNaN }
}
