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
        """
        How many runs are useful at four times each method's own tuned rate; the \(score) at the tuned rate; and what clipping \
        does beside the same optimizer without it. The darker the worse; –: does not train. Saves: more runs are useful at four times the tuned rate, \
        their exact 95% intervals apart. Helps: the loss at the tuned rate is lower (Wilcoxon over seeds, p times the number of these cells). Harms: the \
        opposite of either. Empty: the seeds show nothing.
        """,
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
      ] + verdicts, columns: hasVerdicts ? 3 : 2, xTitle: "", yTitle: "")
  }

  private var hasVerdicts: Bool { clippings.contains("none") }

  /// What each clipping strategy does to an optimizer, where that was run without one too.
  private var verdicts: [Figure.Panel] {
    guard hasVerdicts else { return [] }
    return [
      .init(
        title: "beside no clipping",
        content: .table(
          table(.failure) { row in
            guard row.method.isClipped,
              let plain = rows.first(where: {
                $0.method == Method(optimizer: row.method.optimizer, clipping: "none")
              })
            else { return (nil, "") }
            let stability = stability(row, beside: plain)
            let loss = loss(row, beside: plain)
            let isGood = stability > 0 || loss > 0
            let isBad = stability < 0 || loss < 0
            if isGood, isBad { return (0.5, "both") }
            if isBad { return (1, "harms") }
            return isGood ? (0, stability > 0 ? "saves" : "helps") : (nil, "")
          }))
    ]
  }

  /// 1 where clipping leaves more runs useful than no clipping, −1 where fewer, 0 where the intervals meet.
  private func stability(_ row: RobustRow, beside plain: RobustRow) -> Int {
    // What does not train is useful nowhere.
    guard let own = usefulShare(row), let low = own.lower, let high = own.upper else { return 0 }
    let other = usefulShare(plain)
    if low > other?.upper ?? (plain.values == nil ? 0 : 1) { return 1 }
    return high < other?.lower ?? 0 ? -1 : 0
  }

  /// 1 where the loss at the tuned rate is lower than without clipping, −1 where higher, 0 where the seeds
  /// do not tell.
  private func loss(_ row: RobustRow, beside plain: RobustRow) -> Int {
    let cells = Double(rows.count { $0.method.isClipped })
    for pair in problem.ranking.pairs
    where pair.pValue * cells <= problem.options.significance {
      let sign = pair.probabilityOfImprovement > 0.5 ? 1 : -1
      if pair.first == row.method, pair.second == plain.method { return sign }
      if pair.first == plain.method, pair.second == row.method { return -sign }
    }
    return 0
  }

  private func usefulShare(_ row: RobustRow) -> Estimate? {
    row.atFour.flatMap { $0.usefulShare(problem.options) }
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
