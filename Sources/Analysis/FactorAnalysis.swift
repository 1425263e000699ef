/// The runs that have something in common: the method, its optimizer or its clipping strategy.
public struct FactorAnalysis: Sendable {
  /// The label of what they have in common.
  public let name: String
  public let runs: RunTally
  /// The share of the stored runs that failed; nil without runs.
  public let failureRate: Estimate?

  /// One value per distinct `name` of the planned methods, in their order.
  static func all(
    _ planned: [PlannedMethod], _ summaries: [RunSummary], by name: (Method) -> String,
    _ options: AnalysisOptions
  ) -> [FactorAnalysis] {
    var names: [String] = []
    var plannedRuns: [String: Int] = [:]
    var members: [String: [RunSummary]] = [:]
    for plan in planned {
      let name = name(plan.method)
      if plannedRuns[name] == nil { names.append(name) }
      plannedRuns[name, default: 0] += plan.runs
    }
    for summary in summaries { members[name(summary.method), default: []].append(summary) }
    return names.map { name in
      FactorAnalysis(
        name: name,
        runs: RunTally(members[name, default: []], planned: plannedRuns[name, default: 0]), options)
    }
  }

  private init(name: String, runs: RunTally, _ options: AnalysisOptions) {
    self.name = name
    self.runs = runs
    failureRate = runs.failureRate(options)
  }
}
