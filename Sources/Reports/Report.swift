public import Analysis
public import Records

/// What a report may say beyond the analysis.
public struct ReportContext: Sendable {
  /// SHA-256 of the stored runs' content, where the caller knows it.
  public var contentDigest = ""
  /// The result file from which the analysis was made, as the reader can find it.
  public var resultFile = ""
  /// What the options of optimizers, clips and schedules are where nobody sets them.
  public var defaults = CatalogDefaults()
  /// What the runs recorded, for formats that show single runs.
  public var traces = RunTraces()
  /// The runs themselves, for pictures of what they recorded.
  public var records: [RunKey: RunRecord] = [:]
  /// Results of the same experiment with something changed, to tell how far the order of methods holds.
  public var variants: [Variant] = []

  /// A result in which something is not as in the one that is reported.
  public struct Variant: Sendable {
    /// What is not.
    public let change: String
    public let analysis: ExperimentAnalysis

    public init(change: String, analysis: ExperimentAnalysis) {
      self.change = change
      self.analysis = analysis
    }
  }

  public init() {}
}

/// Everything that a report says of one experiment, as a value: renderers write it in their form, and
/// compute nothing.
public struct Report: Sendable {
  public let name: String
  public let title: String
  /// The page for people: the summary first, then what was run, then the tables, then what they mean.
  public let document: [Block]
  /// The pictures of the page.
  public var figures: [Figure] {
    document.flatMap(\.figures)
  }
  /// Every table with all rows and columns.
  public let tables: [Table]
  /// Where, when and with what the runs were made: others whenever they are made again, and so apart.
  public let provenance: [Block]
  /// What the runs took, likewise.
  public let times: Table
  /// The experiment at a glance: counts with what they count.
  let glance: [(count: Int, words: String)]
  /// The experiment file.
  public let spec: String
  /// The methods in the order of the plan, with the series that pictures draw them as.
  let methods: [(label: String, series: Figure.Series)]
  let runs: PageRuns

  public init(_ analysis: ExperimentAnalysis, _ context: ReportContext = ReportContext()) {
    let header = analysis.header
    name = header.name
    title = header.title.isEmpty ? header.name : header.title
    let origin = OriginSection(analysis, context)
    var document: [Block] =
      [.heading(1, Prose(title))]
      + Self.introduction(
        isRobust: analysis.isRobust,
        isRecorded: analysis.problems.contains { $0.problem.isRecorded })
    document += analysis.isRobust ? RobustSummary(analysis).blocks : ReportSummary(analysis).blocks
    document += RunDescription(analysis, context).blocks
    document += ClaimSection(analysis).blocks
    document += origin.lasting
    if !analysis.published.isEmpty { document += PublishedSection(analysis).blocks }
    let order = SeriesOrder(analysis)
    for problem in analysis.problems {
      document +=
        analysis.isRobust
        ? Self.robust(problem, of: analysis, context, order)
        : ProblemSection(
          problem,
          findings: analysis.problems.count == 1 ? [] : ProblemSummary(problem).findings,
          figures: ProblemFigures(problem, order),
          recorded: RecordedFigures(problem, order, context.records)
        ).blocks
    }
    if let across = analysis.acrossProblems, !analysis.isRobust {
      document += AcrossSection(analysis, across, order).blocks
    }
    self.document = document + DefinitionSection(analysis).blocks + FilesSection(analysis).blocks
    tables = Self.tables(analysis, context)
    provenance =
      [.heading(1, "Where \(code: name) comes from"), .paragraph(OriginSection.why)]
      + origin.passing
    times = Table("run_times", RunColumns.times, analysis.problems.flatMap(\.summaries))
    spec = header.spec
    methods = order.methods(analysis).map { ($0.label, order.series($0)) }
    let tally = analysis.runs
    glance = [
      (analysis.problems.count, analysis.problems.count == 1 ? "problem" : "problems"),
      (methods.count, methods.count == 1 ? "method" : "methods"),
      (tally.done, "of \(NumberText.count(tally.planned, "planned run")) done"),
      (tally.failed, "failed"),
    ]
    runs = PageRuns(analysis, context.traces)
  }

  /// A report of a table of results, of whose runs nothing else is known.
  ///
  /// - Parameter file: The table's name, for the title.
  public init(_ ranking: TableAnalysis, file: String) {
    name = "ranking"
    title = "Ranking of \(file)"
    let page = TableReport(ranking)
    document = [.heading(1, Prose(title))] + page.blocks
    tables = page.tables
    provenance = []
    times = Table("", [] as [Column<Int>], [])
    spec = ""
    methods = ranking.methods.enumerated().map { ($1, .init(index: $0)) }
    glance = [
      (ranking.problems.count, ranking.problems.count == 1 ? "problem" : "problems"),
      (ranking.methods.count, ranking.methods.count == 1 ? "method" : "methods"),
      (ranking.table.rows.count, "runs"),
      (ranking.table.rows.count { $0.value == nil }, "failed"),
    ]
    runs = PageRuns()
  }

  private static func introduction(isRobust: Bool, isRecorded: Bool) -> [Block] {
    let choice =
      isRobust
      ? "Each method has its own learning rate, tuned with seeds of its own, so its values depend neither on a choice of rates nor on other methods."
      : "Learning rates come from a plain grid, and how methods rank depends on which rates it holds."
    let alike: Prose =
      isRecorded
      ? "The runs were recorded by other programs: nothing here tells whether the methods of a seed started from identical parameters and saw identical batches, and what was not recorded is missing."
      : "Within one seed all methods start from identical parameters and see identical batches, so differences between them come from the methods."
    let failures =
      isRobust
      ? "Failed runs are never left out: they count with the \(emphasis: "reference loss"), that of the best constant prediction (for a function, its value at the start)."
      : "Failed runs are never left out: they count as the worst result." as Prose
    return [
      .paragraph(
        """
        This report compares optimizers and gradient clipping strategies on the same training problems. A \
        \(emphasis: "method") is an optimizer with a clipping strategy; \(code: "adam") alone means no clipping. Every method \
        is run from several \(emphasis: "seeds"). \(alike) \(choice)
        """),
      .paragraph(
        """
        A run \(emphasis: "failed") if its numbers became NaN or infinite\(isRobust ? "" : ", if its loss exploded"), or if it ended \
        with a higher loss than it began with. \(failures)
        """),
    ]
  }

  private static func robust(
    _ problem: ProblemAnalysis, of analysis: ExperimentAnalysis, _ context: ReportContext,
    _ order: SeriesOrder
  ) -> [Block] {
    guard let robust = problem.robust else {
      return [
        .heading(2, "Problem: \(problem.problem.name)"),
        .paragraph(
          "Nothing can be said by the robust protocol: no run is planned, or the problem's reference loss is not known."
        ),
      ]
    }
    let findings =
      analysis.problems.count == 1 ? [] : RobustFindings(problem, robust).items
    return RobustSection(
      problem, robust, findings: findings, variants: context.variants, order,
      recorded: RecordedFigures(problem, order, context.records)
    ).blocks
  }

  private static func settings(_ problems: [ProblemAnalysis]) -> [Table] {
    let rows = problems.flatMap(SettingRow.rows)
    return rows.isEmpty ? [] : [Table("settings", SettingColumns.all, rows)]
  }

  private static func tables(
    _ analysis: ExperimentAnalysis, _ context: ReportContext
  ) -> [Table] {
    let problems = analysis.problems
    let runs = problems.flatMap(\.summaries)
    let published =
      analysis.published.isEmpty
      ? [] : [Table("published", PublishedColumns.all, analysis.published)]
    if analysis.isRobust {
      return [
        Table("runs", RunColumns.all(of: runs), runs),
        Table("robust", RobustColumns.all, problems.flatMap(RobustRow.rows)),
        Table("ladder", LadderColumns.all, problems.flatMap(LadderRow.rows)),
        Table("tuning", TuningColumns.all, problems.flatMap(TuningRow.rows)),
        Table("targets", TargetColumns.all, problems.flatMap(TargetRow.rows)),
        Table(
          "audit", AuditColumns.all,
          problems.flatMap { AuditRow.rows($0, beside: context.variants) }),
        Table("stability", StabilityColumns.tuned, problems.flatMap(StabilityRow.tuned)),
        Table("convergence", ConvergenceColumns.tuned, problems.flatMap(ConvergenceRow.tuned)),
        Table("failures", FailureColumns.all, problems.flatMap(FailureRow.rows)),
      ] + settings(problems) + published
    }
    var tables = [
      Table("runs", RunColumns.all(of: runs), runs),
      Table("stability", StabilityColumns.all, problems.flatMap(StabilityRow.rows)),
      Table("convergence", ConvergenceColumns.all, problems.flatMap(ConvergenceRow.rows)),
      Table("ranking", RankingColumns.all, problems.flatMap(RankingRow.rows)),
      Table("learning_rates", LearningRateColumns.all, problems.flatMap(LearningRateRow.rows)),
      Table("pairwise", PairwiseColumns.all, problems.flatMap(PairwiseRow.rows)),
      Table("failures", FailureColumns.all, problems.flatMap(FailureRow.rows)),
    ]
    if analysis.acrossProblems != nil {
      tables.append(Table("across_problems", AcrossColumns.all, AcrossRow.rows(analysis)))
    }
    return tables + published
  }
}
