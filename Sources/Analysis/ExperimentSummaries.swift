public import Records

/// What the analysis needs of an experiment: its plan, and each run in numbers. Trajectories are not
/// needed any more, wherever the summaries come from.
public struct ExperimentSummaries: Sendable {
  /// The runs of one problem.
  public struct Problem: Sendable {
    public let problem: ProblemRecord
    public let metrics: ProblemMetrics
    /// In the order of the file.
    public let runs: [RunSummary]

    /// - Parameter runs: Made with `metrics`.
    public init(_ problem: ProblemRecord, metrics: ProblemMetrics, runs: [RunSummary]) {
      self.problem = problem
      self.metrics = metrics
      self.runs = runs
    }

    /// Reduces stored runs, and says of each why it is there.
    init(_ problem: ProblemRecord, _ records: [RunRecord], plan: [PlanEntry]) {
      let metrics = ProblemMetrics(records)
      let entries = Dictionary(plan.map { ($0.key, $0) }) { first, _ in first }
      self.init(
        problem, metrics: metrics,
        runs: records.map { record in
          var summary = RunSummary(record, problem: problem, metrics: metrics)
          summary.purpose = entries[record.key]?.purpose ?? .grid
          summary.isTabled = entries[record.key]?.isTabled ?? true
          return summary
        })
    }
  }

  /// With the plan of the experiment.
  public let header: ExperimentHeader
  /// In the header's order.
  public let problems: [Problem]

  /// - Parameter problems: One for each of the header's, in its order.
  public init(header: ExperimentHeader, problems: [Problem]) {
    precondition(problems.map(\.problem.name) == header.problems.map(\.name))
    self.header = header
    self.problems = problems
  }

  /// The summaries of stored runs.
  public init(of record: ExperimentRecord) {
    let plan = Dictionary(grouping: record.header.plan, by: \.key.problem)
    self.init(
      header: record.header,
      problems: record.header.problems.map { problem in
        Problem(problem, record.runs(of: problem.name), plan: plan[problem.name] ?? [])
      })
    precondition(
      problems.reduce(0) { $0 + $1.runs.count } == record.runs.count,
      "runs of a problem that the header does not list")
  }
}
