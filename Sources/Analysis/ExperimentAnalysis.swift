public import Records

/// Everything that the reports say of one experiment. The same records and options give the same
/// analysis, bit for bit.
public struct ExperimentAnalysis: Sendable {
  public let header: ExperimentHeader
  public let options: AnalysisOptions
  /// The problems in the header's order.
  public let problems: [ProblemAnalysis]
  /// nil with fewer than two problems.
  public let acrossProblems: CrossProblemAnalysis?
  /// The runs that the spec plans.
  public let plannedRuns: Int
  public let doneRuns: Int
  public let failedRuns: Int
  /// Missing runs that no table can show, because nothing that is stored tells which they are.
  public let unattributedRuns: Int

  public init(of record: ExperimentRecord, options: AnalysisOptions = AnalysisOptions()) {
    let plan = Plan(record)
    header = record.header
    self.options = options
    problems = zip(record.header.problems, plan.problems).map { problem, methods in
      ProblemAnalysis(problem, record.runs(of: problem.name), planned: methods, options)
    }
    acrossProblems = CrossProblemAnalysis(problems, options)
    doneRuns = problems.reduce(0) { $0 + $1.runs.done }
    failedRuns = problems.reduce(0) { $0 + $1.runs.failed }
    plannedRuns = max(record.header.plannedRuns, doneRuns)
    unattributedRuns = plan.unattributed
  }

  public var missingRuns: Int { plannedRuns - doneRuns }
}
