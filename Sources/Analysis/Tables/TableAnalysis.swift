internal import Statistics

/// Everything that can be said of a table of results: how often runs failed, how good the others were, how
/// methods rank, and what their differences are worth.
///
/// A failed run is worse than every other in either direction, and ties with other failed ones. A run that is
/// missing is no failure: what is paired uses the seeds that all methods of a problem have.
public struct TableAnalysis: Sendable {
  /// One method on one problem, at the learning rates chosen for it.
  public struct Cell: Sendable {
    public let problem: String
    public let method: String
    /// All runs of the table, at every learning rate.
    public let runs: Int
    public let failed: Int
    public let failureRate: Estimate?
    /// The interquartile mean of the value over the runs at the chosen rates; not finite where failed runs
    /// decide it.
    public let middle: Estimate?
    public let median: Double?
    /// The runs behind them.
    public let judged: Int
    /// The cost of the middle, for ranks; nil without runs.
    let cost: Double?
  }

  /// The failures of a method over all problems.
  public struct Failures: Sendable {
    public let method: String
    public let runs: Int
    public let failed: Int
    public let rate: Estimate?
  }

  public let table: ResultTable
  public let options: AnalysisOptions
  public let problems: [String]
  public let methods: [String]
  /// By problem, then method; what has no runs is not there.
  public let cells: [Cell]
  public let failures: [Failures]
  public let paired: [PairedProblem]
  /// nil with fewer than two problems, or where fewer than two methods have runs on all of them.
  public let across: TableAcross?
  /// nil where the table says nothing of steps to a target.
  public let profile: TableProfile?
  /// How methods took to their learning rates; empty where the table has none.
  public let rates: [MethodRates]
  /// The runs that other methods of a problem have and one lacks.
  public let missing: [(problem: String, method: String, seeds: [String])]

  public init(_ table: ResultTable, options: AnalysisOptions = AnalysisOptions()) {
    self.table = table
    self.options = options
    let problems = table.rows.map(\.problem).inOrderOfAppearance
    let methods = table.rows.map(\.method).inOrderOfAppearance
    self.problems = problems
    self.methods = methods
    var all: [[String]: [ResultTable.Row]] = [:]
    for row in table.rows { all[[row.problem, row.method], default: []].append(row) }
    rates = problems.flatMap { problem in
      methods.compactMap { method in
        MethodRates(all[[problem, method]] ?? [], of: table, options)
      }
    }
    // Where several rates were tried, each seed is judged at the rate that the other seeds chose.
    let chosen = all.mapValues { MethodRates.chosen(among: $0, of: table) }
    cells = problems.flatMap { problem in
      methods.compactMap { method -> Cell? in
        guard let rows = all[[problem, method]], let own = chosen[[problem, method]] else {
          return nil
        }
        return Self.cell(problem, method, rows, own, table, options)
      }
    }
    failures = methods.map { method in
      let rows = table.rows.filter { $0.method == method }
      let failed = rows.count { $0.value == nil }
      return Failures(
        method: method, runs: rows.count, failed: failed,
        rate: Estimate(share: failed, of: rows.count, options))
    }
    let paired = problems.map { problem in
      PairedProblem(problem, methods, table) { chosen[[problem, $0]] ?? [] }
    }
    self.paired = paired
    missing = paired.flatMap(\.missing)
    across = TableAcross(
      problems, methods, paired, cells: cells, options)
    profile =
      table.hasSteps
      ? TableProfile(problems, methods, options) { problem, method in
        (chosen[[problem, method]] ?? []).map { $0.steps ?? .infinity }
      } : nil
  }

  private static func cell(
    _ problem: String, _ method: String, _ all: [ResultTable.Row], _ own: [ResultTable.Row],
    _ table: ResultTable, _ options: AnalysisOptions
  ) -> Cell {
    let costs = own.map { table.cost($0) }
    let failed = all.count { $0.value == nil }
    let middle = Estimate(interquartileMeanOf: costs, options)
    return Cell(
      problem: problem, method: method, runs: all.count, failed: failed,
      failureRate: Estimate(share: failed, of: all.count, options), middle: table.values(middle),
      median: costs.isEmpty ? nil : table.value(Statistics.median(costs)), judged: own.count,
      cost: middle?.value)
  }
}
