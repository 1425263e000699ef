internal import Analysis

/// What the experiment file claims of its own results, and what they say of it.
struct ClaimSection {
  private let verdicts: [ClaimVerdict]

  init(_ analysis: ExperimentAnalysis) { verdicts = analysis.claims }

  var blocks: [Block] {
    guard !verdicts.isEmpty else { return [] }
    return [
      .heading(2, "Claims"),
      .paragraph(
        """
        What the experiment file claims, and whether these results show it: p-values over seeds, adjusted for all \
        claims together; \(code: "optbench verify-claim") prints them with the digest of the result that they are bound to.
        """),
    ] + ClaimReport.blocks(verdicts)
  }
}
