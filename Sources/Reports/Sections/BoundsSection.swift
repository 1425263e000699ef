internal import Analysis

/// What a grid tells of the cost of a misjudged learning rate, and what it cannot tell.
struct BoundsSection {
  /// Bounds this close say as much as a value.
  private static let closeness = 0.05

  private let bounds: [GridBounds]?

  init(_ problem: ProblemAnalysis) { bounds = GridBounds.all(of: problem) }

  var blocks: [Block] {
    let heading = Block.heading(3, "What a misjudged learning rate costs, as far as the grid tells")
    guard let bounds else {
      return [
        heading,
        .paragraph(
          """
          Not known: the result does not store the loss of the best constant prediction, by which progress is \
          measured. Results of today do; \(code: "protocol: robust") measures it without bounds.
          """),
      ]
    }
    return [
      heading,
      .paragraph(
        """
        Bounds of the \(emphasis: "overshoot regret") S⁺ of the robust protocol, the share of a method's progress that is \
        lost at 1 to 10 times its own best rate (the centre of the plateau of validation loss). What lies beyond the \
        grid could lose nothing or everything. The same seeds choose the rate and are judged at it, which flatters \
        everybody.
        """),
      .table(Table("bounds", Self.columns, bounds, limit: ProblemSection.rowLimit)),
    ]
  }

  private static let columns: [Column<GridBounds>] = [
    .text("method", "Method") { $0.method.label },
    Column("Rate") { Prose($0.anchor.map { NumberText.rate($0) } ?? NumberText.none) },
    Column("S⁺, at least") { Prose(bound($0) { lower, _ in lower }) },
    Column("S⁺, at most") { Prose(bound($0) { _, upper in upper }) },
    .text("remark", "What the grid tells") { remark($0) },
  ]

  private static func bound(_ row: GridBounds, _ which: (Double, Double) -> Double) -> String {
    switch row.finding {
    case .bounds(let lower, let upper, _): NumberText.fixed(which(lower, upper), digits: 2)
    case .doesNotTrain: NumberText.fixed(1, digits: 2)
    case .unknown: NumberText.none
    }
  }

  private static func remark(_ row: GridBounds) -> String {
    switch row.finding {
    case .unknown: return "too few rates or runs"
    case .doesNotTrain: return "does not train"
    case .bounds(let lower, let upper, let reach):
      let edge = row.isBracketed ? "" : "; its best rate may lie beyond the grid"
      if upper - lower <= 1e-12 { return "all of it\(edge)" }
      let close = upper - lower < closeness ? "almost all: it" : "it"
      return "\(close) ends at \(NumberText.rate(reach))×, and does not reach 10×\(edge)"
    }
  }
}
