internal import Analysis
internal import Records

/// The picture of what clipping does to each optimizer under the robust protocol: as a table of
/// optimizers by clipping strategies.
struct RobustClippingFigure {
  private let problem: ProblemAnalysis
  private let rows: [RobustRow]
  private let optimizers: [String]
  private let clippings: [String]

  init(_ problem: ProblemAnalysis, _ robust: RobustAnalysis) {
    self.problem = problem
    rows = RobustRow.rows(problem)
    func distinct(_ names: [String]) -> [String] {
      names.enumerated().filter { names.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    }
    optimizers = distinct(robust.planned.map(\.optimizer))
    clippings = distinct(robust.planned.map(\.clipping))
  }

  /// nil without two of each.
  var figure: Figure? {
    let losses = rows.compactMap { $0.values?.tunedLoss?.value }
    guard optimizers.count > 1, clippings.count > 1, rows.contains(where: { $0.atFour != nil })
    else { return nil }
    let axis = Figure.Axis(losses, margin: 0)
    let score = "final \(problem.metrics.score.words)"
    return Figure(
      name: "\(ProblemFigures.prefix(problem))-optimizers-by-clipping",
      title: "\(problem.problem.name): what clipping does to each optimizer",
      caption:
        "Left: how many runs are useful at four times each method's own tuned rate. Right: the \(score) at the tuned rate. The darker the worse; –: does not train.",
      keys: [],
      panels: [
        .init(
          title: "useful runs at 4× the tuned rate",
          content: .table(
            table(.failure) { row in
              guard let rung = row.atFour, rung.runs > 0 else { return (nil, NumberText.none) }
              return (
                1 - Double(rung.useful) / Double(rung.runs), "\(rung.useful) of \(rung.runs)"
              )
            })),
        .init(
          title: "\(score) at the tuned rate",
          content: .table(
            table(.loss) { row in
              guard let loss = row.values?.tunedLoss else { return (nil, NumberText.none) }
              return (axis?.position(loss.value) ?? 0, QuantityText.value(loss))
            })),
      ], columns: 2, xTitle: "", yTitle: "")
  }

  private func table(
    _ hue: Figure.ShadedTable.Hue, _ value: (RobustRow) -> (shade: Double?, text: String)
  ) -> Figure.ShadedTable {
    .init(
      columns: clippings.map { $0 == "none" ? "no clipping" : $0 }, rows: optimizers,
      cells: optimizers.map { optimizer in
        clippings.map { clipping in
          let method = Method(optimizer: optimizer, clipping: clipping)
          return rows.first { $0.method == method }.map(value) ?? (shade: nil, text: "")
        }
      }, hue: hue,
      methods: optimizers.map { optimizer in
        clippings.map { Method(optimizer: optimizer, clipping: $0).label }
      })
  }
}
