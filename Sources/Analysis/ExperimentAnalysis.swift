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
  /// All runs of the experiment.
  public let runs: RunTally
  /// The methods over all problems, in the order of the plan.
  public let methods: [FactorAnalysis]
  /// The clipping strategies over all problems and optimizers.
  public let clippings: [FactorAnalysis]
  /// Whether the runs follow the robust protocol rather than a grid.
  public var isRobust: Bool { problems.contains { $0.robust != nil } }
  /// The figures that the experiment file carries, beside what was measured.
  public let published: [PublishedComparison]
  /// What the experiment file claims, judged.
  public private(set) var claims: [ClaimVerdict] = []
  /// How runs end and fail.
  public let endingRules: EndingRules
  /// Missing runs that no table can show, because nothing that is stored tells which they are.
  public let unattributedRuns: Int

  public init(of record: ExperimentRecord, options: AnalysisOptions = AnalysisOptions()) {
    self.init(of: ExperimentSummaries(of: record), options: options)
  }

  public init(of experiment: ExperimentSummaries, options: AnalysisOptions = AnalysisOptions()) {
    let plan = Plan(experiment)
    header = experiment.header
    self.options = options
    problems = zip(experiment.problems, plan.problems).map { problem, methods in
      ProblemAnalysis(problem, planned: methods, in: experiment.header, options)
    }
    acrossProblems = CrossProblemAnalysis(problems, options)
    let planned = plan.problems.flatMap { $0 }
    let summaries = problems.flatMap(\.summaries)
    runs = RunTally(summaries, planned: experiment.header.plannedRuns)
    let tabled = summaries.filter(\.isTabled)
    methods = FactorAnalysis.all(planned, tabled, by: \.label, options)
    clippings = FactorAnalysis.all(planned, tabled, by: \.clipping, options)
    endingRules = EndingRules(spec: experiment.header.spec)
    unattributedRuns = plan.unattributed
    published = PublishedFigure.all(in: experiment.header.spec).compactMap { [problems] figure in
      let problem = problems.first { $0.problem.name == figure.problem ?? $0.problem.name }
      return problem.map { PublishedComparison(figure, on: $0) }
    }
    claims = ClaimVerdict.all(of: Claim.all(in: experiment.header.spec), in: self)
  }
}
