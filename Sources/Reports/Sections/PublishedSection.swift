internal import Analysis

/// Published figures beside our own.
struct PublishedSection {
  private let analysis: ExperimentAnalysis

  init(_ analysis: ExperimentAnalysis) { self.analysis = analysis }

  static func columns(_ analysis: ExperimentAnalysis) -> [Column<PublishedComparison>] {
    PublishedColumns.table(namesProblem: analysis.problems.count > 1)
  }

  var blocks: [Block] {
    let counts = [PublishedComparison.Verdict.within, .outside, .missing].map { verdict in
      (verdict, analysis.published.count { $0.verdict == verdict })
    }
    let verdicts = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }
    return [
      .heading(2, "Published figures"),
      .paragraph(
        """
        What others published for the same settings, beside what was measured here: \
        \(verdicts.joined(separator: ", ")).
        """),
      .table(
        Table(
          "published", Self.columns(analysis), analysis.published,
          limit: ProblemSection.rowLimit)),
    ]
  }
}
