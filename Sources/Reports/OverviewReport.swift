public import Analysis
internal import Records

/// The page that leads to the reports of several experiments.
public enum OverviewReport {
  private static let rowLimit = 10

  /// `README.md` beside the experiments' folders, each named after its experiment.
  public static func render(_ analyses: [ExperimentAnalysis]) -> RenderedFile {
    let blocks: [Block] =
      [
        .heading(1, "Results"),
        .paragraph(
          """
          Each experiment below trained the same models with different \(emphasis: "methods"): an optimizer with a \
          gradient clipping strategy. \(terms(analyses)) The full report of each experiment explains every term.
          """),
        .table(Table("", columns, analyses)),
      ] + analyses.flatMap(section)
    return RenderedFile(name: "README.md", contents: MarkdownRenderer.text(blocks))
  }

  private static func terms(_ analyses: [ExperimentAnalysis]) -> Prose {
    let grid: Prose = """
      Failed runs count as the worst result. The \(emphasis: "combined rank") is the \
      mean of a method's rank by final loss and its rank by stability: lower is better, and \
      square brackets hold its interval; it depends on the grid of learning rates. The learning rate is the one that \
      the other seeds chose; ↑ or ↓: the grid ends there.
      """
    let robust: Prose = """
      Where learning rates were tuned for each method (robust protocol), \(emphasis: "S⁺") is the share of its progress \
      that a method loses when its rate is up to ten times too high, \(emphasis: "RP") the share of the possible \
      progress that it makes all the same, and \(emphasis: "Rank") holds the ranks by RP that the seeds do not rule out.
      """
    let parts = [
      analyses.contains { !$0.isRobust } ? grid : nil,
      analyses.contains(where: \.isRobust) ? robust : nil,
    ]
    return parts.compactMap { $0 }.joined(separator: " ")
  }

  private static let columns: [Column<ExperimentAnalysis>] = [
    Column("Experiment", isNumber: false) {
      "\(link: $0.header.name, to: "\($0.header.name)/report.md")"
    },
    Column("Problems", isNumber: false) {
      Prose($0.problems.map(\.problem.name).joined(separator: ", "))
    },
    .integer("methods", "Methods") {
      $0.problems.map { $0.robust?.planned.count ?? $0.methods.count }.max() ?? 0
    },
    Column("Runs done") { "\($0.runs.done) of \($0.runs.planned)" },
    TallyColumns.failed.titled("Failed").of(\.runs),
    TallyColumns.missing.titled("Missing").of(\.runs),
  ]

  private static func section(_ analysis: ExperimentAnalysis) -> [Block] {
    let header = analysis.header
    return [
      .heading(2, Prose(header.title.isEmpty ? header.name : header.title)),
      .paragraph(
        "\(link: "Full report", to: "\(header.name)/report.md") · \(link: "CSV files", to: "\(header.name)/")"
      ),
    ] + analysis.problems.flatMap { section($0, of: header.name) }
  }

  private static func section(_ problem: ProblemAnalysis, of experiment: String) -> [Block] {
    let summary = problem.problem.summary
    let title: Prose = "\(strong: problem.problem.name)\(summary.isEmpty ? "" : ": \(summary)")"
    if problem.robust != nil {
      return [
        .paragraph(title),
        .table(
          Table(
            "\(experiment)/robust", RobustColumns.leading(problem), RobustRow.rows(problem),
            limit: rowLimit)),
      ]
    }
    guard !problem.ranking.methods.isEmpty else {
      return [
        .paragraph("\(strong: problem.problem.name): not enough runs to rank any methods.")
      ]
    }
    let rows = problem.ranking.methods.compactMap { ranked in
      problem.methods.first { $0.method == ranked.method }.map { Row(ranked: ranked, method: $0) }
    }
    return [
      .paragraph(title),
      .table(
        Table("\(experiment)/ranking", columns(problem), rows, limit: rowLimit)),
    ]
  }

  private struct Row {
    let ranked: RankedMethod
    let method: MethodAnalysis
  }

  private static func columns(_ problem: ProblemAnalysis) -> [Column<Row>] {
    let metric = problem.metrics.score
    return [
      .integer("place", "Place") { $0.ranked.place },
      .text("method", "Method") { $0.ranked.method.label },
      Column("Learning rate") { Prose($0.method.chosenRates.text) },
      RankColumns.combined.of(\.ranked.rank),
      TallyColumns.failedOfDone("Failed runs").of(\.method.stability.runs),
      Column("Final \(metric.words)") {
        Prose(QuantityText.loss($0.method.convergence.final(metric)))
      },
    ]
  }
}
