internal import Analysis
internal import Records

/// The picture of every method against every other on the same seeds.
struct PairwiseFigure {
  /// More rows than this are no picture any more.
  private static let most = 16

  private let problem: ProblemAnalysis

  init(_ problem: ProblemAnalysis) { self.problem = problem }

  /// nil with fewer than three methods.
  var figure: Figure? {
    let ranked = problem.ranking.methods.map(\.method)
    let methods = Array(ranked.prefix(Self.most))
    guard methods.count > 2 else { return nil }
    let metric = problem.metrics.score.words
    let left =
      ranked.count > methods.count
      ? " The first \(methods.count) of \(ranked.count) methods by combined rank." : ""
    return Figure(
      name: "\(ProblemFigures.prefix(problem))-pairwise",
      title: "\(problem.problem.name): how often the row beats the column",
      caption: """
        The probability that a run of the row's method ends with a lower \(metric) than one of the column's, at their \
        \(problem.robust == nil ? "chosen" : "tuned") rates over the same \(NumberText.count(problem.ranking.seeds.count, "seed")), ties counting half; the darker the \
        worse for the row. *: they differ at the level \(NumberText.rate(problem.options.significance)) after the correction for all pairs (Wilcoxon, Holm).\(left)
        """,
      keys: [],
      panels: [
        .init(
          title: "",
          content: .table(
            .init(
              columns: methods.indices.map { "\($0 + 1)" },
              rows: methods.enumerated().map { "\($0.offset + 1) \($0.element.label)" },
              cells: methods.map { row in methods.map { cell(row, $0) } }, hue: .loss,
              methods: methods.map { row in methods.map { _ in row.label } })))
      ], columns: 1, xTitle: "", yTitle: "")
  }

  private func cell(_ row: Method, _ column: Method) -> (shade: Double?, text: String) {
    let pairs = problem.ranking.pairs
    let forward = pairs.first { $0.first == row && $0.second == column }
    guard let pair = forward ?? pairs.first(where: { $0.first == column && $0.second == row })
    else { return (nil, "") }
    let wins =
      forward != nil ? pair.probabilityOfImprovement : 1 - pair.probabilityOfImprovement
    let isDecided = pair.adjustedPValue <= problem.options.significance
    return (1 - wins, NumberText.fixed(wins, digits: 2) + (isDecided ? "*" : ""))
  }
}
