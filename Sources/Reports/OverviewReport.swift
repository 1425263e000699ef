public import Analysis
internal import Records

/// The page that leads to the reports of several experiments.
public enum OverviewReport {
  private static let rowLimit = 10

  /// `README.md` beside the experiments' folders, each named after its experiment.
  public static func render(_ analyses: [ExperimentAnalysis]) -> RenderedFile {
    let sections = [
      """
      # Results

      Each experiment below trained the same models with different *methods*: an optimizer with a \
      gradient clipping strategy. Failed runs count as the worst result. The *combined rank* is the \
      mean of a method's rank by final loss and its rank by stability: lower is better, and \
      square brackets hold its interval. The full report of each experiment explains every term.
      """,
      """
      | Experiment | Problems | Methods | Runs done | Failed | Missing |
      | ---------- | -------- | ------: | --------: | -----: | ------: |
      """ + "\n" + analyses.map(line).joined(separator: "\n"),
    ]
    let text = (sections + analyses.map(section)).joined(separator: "\n\n")
    return RenderedFile(name: "README.md", contents: text + "\n")
  }

  private static func line(_ analysis: ExperimentAnalysis) -> String {
    let name = analysis.header.name
    let methods = analysis.problems.map(\.methods.count).max() ?? 0
    return
      "| [\(name)](\(name)/report.md) | \(analysis.problems.map(\.problem.name).joined(separator: ", ")) | \(methods) | \(analysis.runs.done) of \(analysis.runs.planned) | \(analysis.runs.failed) | \(analysis.runs.missing) |"
  }

  private static func section(_ analysis: ExperimentAnalysis) -> String {
    let header = analysis.header
    var parts = [
      "## \(header.title.isEmpty ? header.name : header.title)",
      "[Full report](\(header.name)/report.md) · [CSV files](\(header.name)/)",
    ]
    for problem in analysis.problems {
      guard !problem.ranking.methods.isEmpty else {
        parts.append("**\(problem.problem.name)**: not enough runs to rank any methods.")
        continue
      }
      let rows = problem.ranking.methods.compactMap { ranked in
        problem.methods.first { $0.method == ranked.method }.map { (ranked, $0) }
      }
      let summary = problem.problem.summary
      parts.append(
        "**\(problem.problem.name)**\(summary.isEmpty ? "" : ": \(summary)")\n\n"
          + MarkdownTable(columns(problem), rows, limit: rowLimit)
          .text(restIn: "\(header.name)/ranking.csv").trimmingLineEnds)
    }
    return parts.joined(separator: "\n\n")
  }

  private static func columns(
    _ problem: ProblemAnalysis
  ) -> [MarkdownColumn<(RankedMethod, MethodAnalysis)>] {
    let metric = problem.metrics.score
    return [
      MarkdownColumn("Place") { "\($0.0.place)" },
      MarkdownColumn("Method", isNumber: false) { $0.0.method.label },
      MarkdownColumn("Combined rank") { MarkdownText.rank($0.0.rank.combined) },
      MarkdownColumn("Failed runs") {
        "\($0.1.stability.runs.failed) of \($0.1.stability.runs.done)"
      },
      MarkdownColumn("Final \(metric.words)") {
        MarkdownText.loss($0.1.convergence.final(metric))
      },
    ]
  }
}
