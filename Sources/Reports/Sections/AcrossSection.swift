internal import Analysis
internal import Records

/// The methods over several problems.
struct AcrossSection {
  private let analysis: ExperimentAnalysis
  private let across: CrossProblemAnalysis
  private let order: SeriesOrder

  init(_ analysis: ExperimentAnalysis, _ across: CrossProblemAnalysis, _ order: SeriesOrder) {
    self.analysis = analysis
    self.across = across
    self.order = order
  }

  var blocks: [Block] {
    [
      .heading(2, "Across problems"),
      .paragraph(
        """
        Mean ranks over \(across.problems.listed(limit: 20)). The intervals show how \
        much depends on the seeds; they do not cover other problems than these.
        """),
      .table(
        Table(
          "across_problems", AcrossColumns.table(across), AcrossRow.rows(analysis),
          limit: ProblemSection.rowLimit)),
      .paragraph(test),
    ] + Block.picture(PerformanceProfileFigure(analysis.header.name, across, order).figure)
      + ProblemSection.unranked(across.unranked)
  }

  private var test: Prose {
    guard let pValue = across.friedmanPValue, let difference = across.criticalDifference else {
      return
        "With fewer than ten problems no test can say how methods would rank on other problems."
    }
    return """
      Friedman's test that all methods rank alike: \(QuantityText.pValue(pValue)). Two \
      methods differ where their convergence ranks are more than \
      \(NumberText.fixed(difference, digits: 1)) apart (Nemenyi).
      """
  }
}
