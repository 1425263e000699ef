internal import Analysis
public import Records

/// How an experiment stands while it trains, for a terminal.
public struct StandingsText: Sendable {
  private let standings: Standings
  private let ends: [RunEnd]
  private let limit: Int

  /// - Parameters:
  ///   - ends: The finished runs.
  ///   - limit: The most methods of each problem that are shown.
  public init(_ ends: [RunEnd], limit: Int) {
    self.ends = ends
    self.limit = limit
    standings = Standings(ends)
  }

  /// How many runs ended in which way: `210 completed, 12 nonfinite`.
  public var outcomes: String {
    let counts = Outcome.allCases.map { outcome in
      (outcome, ends.count { $0.outcome == outcome })
    }
    let said = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }
    return said.isEmpty ? "no run finished yet" : said.joined(separator: ", ")
  }

  /// A table for each problem.
  public var tables: String {
    let problems = Dictionary(grouping: standings.rows, by: \.problem)
    var names: [String] = []
    for row in standings.rows where names.last != row.problem { names.append(row.problem) }
    return names.map { name in
      let rows = problems[name] ?? []
      let table = Table("standings", Self.columns, Array(rows.prefix(limit))).plainText
      let rest = rows.count - limit
      return "\(name), by the median of the last losses at the best learning rate so far\n" + table
        + (rest > 0 ? "… and \(NumberText.count(rest, "method")) behind these\n" : "")
    }.joined(separator: "\n")
  }

  private static let columns: [Column<Standings.Row>] = [
    Column("method", isNumber: false) { Prose($0.method.label) },
    Column("loss") { Prose($0.loss.isFinite ? NumberText.significant($0.loss) : "✗") },
    Column("learning rate") { Prose($0.learningRate.map { NumberText.rate($0) } ?? "") },
    Column("seeds at it") { Prose($0.learningRate == nil ? "" : "\($0.seeds)") },
    Column("runs") { Prose("\($0.runs)") },
    Column("diverged") { Prose("\($0.diverged)") },
  ]
}
