internal import Analysis
internal import Records

extension ReportFormat {
  /// Every number of the tables with all its digits, one file per table.
  public static let csv = ReportFormat(
    name: "csv", summary: "one CSV file per table, numbers with all their digits"
  ) { analysis, _ in
    CSVReport(analysis).files
  }
}

/// The CSV files of one experiment.
private struct CSVReport {
  private let analysis: ExperimentAnalysis

  init(_ analysis: ExperimentAnalysis) { self.analysis = analysis }

  var files: [RenderedFile] {
    let problems = analysis.problems
    let runs = problems.flatMap(\.summaries)
    var files = [
      RenderedFile(
        name: "runs.csv", contents: Reports.csv(RunColumns.all(of: runs), runs)),
      RenderedFile(
        name: "stability.csv",
        contents: Reports.csv(StabilityColumns.all, problems.flatMap(StabilityRow.rows))),
      RenderedFile(
        name: "convergence.csv",
        contents: Reports.csv(ConvergenceColumns.all, problems.flatMap(ConvergenceRow.rows))),
      RenderedFile(
        name: "ranking.csv",
        contents: Reports.csv(RankingColumns.all, problems.flatMap(RankingRow.rows))),
      RenderedFile(
        name: "learning_rates.csv",
        contents: Reports.csv(LearningRateColumns.all, problems.flatMap(LearningRateRow.rows))),
      RenderedFile(
        name: "pairwise.csv",
        contents: Reports.csv(PairwiseColumns.all, problems.flatMap(PairwiseRow.rows))),
      RenderedFile(
        name: "failures.csv",
        contents: Reports.csv(FailureColumns.all, problems.flatMap(FailureRow.rows))),
    ]
    if let across = analysis.acrossProblems {
      files.append(
        RenderedFile(
          name: "across_problems.csv",
          contents: Reports.csv(AcrossColumns.all, across.methods)))
    }
    if !analysis.published.isEmpty {
      files.append(
        RenderedFile(
          name: "published.csv",
          contents: Reports.csv(PublishedColumns.all, analysis.published)))
    }
    return files
  }
}
