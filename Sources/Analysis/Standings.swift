public import Records
internal import Statistics

/// How the methods of an experiment stand while it still trains: no ranking, a look at what is there.
public struct Standings: Sendable {
  /// One method on one problem.
  public struct Row: Sendable, Equatable {
    public let problem: String
    public let method: Method
    /// Its finished runs.
    public let runs: Int
    public let diverged: Int
    /// Those whose objective failed.
    public let void: Int
    /// The learning rate with the smallest median loss so far; nil where none has a finite one.
    public let learningRate: Double?
    /// The seeds that have been run at it.
    public let seeds: Int
    /// The median of their final losses; +∞ where half of them diverged.
    public let loss: Double
  }

  /// Problem by problem as they came, the smallest loss first.
  public let rows: [Row]

  /// - Parameter ends: The finished runs.
  public init(_ ends: [RunEnd]) {
    var problems: [String] = []
    for end in ends where !problems.contains(end.key.problem) { problems.append(end.key.problem) }
    let byProblem = Dictionary(grouping: ends, by: \.key.problem)
    rows = problems.flatMap { problem in
      let methods = Dictionary(grouping: byProblem[problem] ?? []) {
        Method(optimizer: $0.optimizer, clipping: $0.clipping)
      }
      return methods.map { Row(problem: problem, method: $0, ends: $1) }
        .sorted { ($0.loss, $0.method.label) < ($1.loss, $1.method.label) }
    }
  }
}

extension Standings.Row {
  fileprivate init(problem: String, method: Method, ends: [RunEnd]) {
    let judged = ends.filter { $0.outcome != .objectiveFailed }
    let rates = Dictionary(grouping: judged, by: \.learningRate)
      .map { (rate: $0, loss: median($1.map(\.loss)), seeds: $1.count) }
    let best = rates.min { ($0.loss, -$0.seeds, $0.rate) < ($1.loss, -$1.seeds, $1.rate) }
    self.init(
      problem: problem, method: method, runs: ends.count,
      diverged: ends.count { $0.outcome.isDiverged }, void: ends.count - judged.count,
      learningRate: best.flatMap { $0.loss.isFinite ? $0.rate : nil }, seeds: best?.seeds ?? 0,
      loss: best?.loss ?? .infinity)
  }
}
