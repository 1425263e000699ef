internal import Analysis
public import Records

/// How an experiment stands while it trains, for programs.
public struct StandingsJSON: Sendable {
  private let contents: Contents

  /// - Parameters:
  ///   - planned: The runs planned so far; nil where nothing says it.
  ///   - ends: The finished runs.
  public init(
    title: String?, planned: Int?, isComplete: Bool, isBeingWritten: Bool, elapsedSeconds: Double?,
    remainingSeconds: Double?, latestFailure: RunEnd?, ends: [RunEnd]
  ) {
    contents = Contents(
      title: title, finished: ends.count, planned: planned, isComplete: isComplete,
      isBeingWritten: isBeingWritten, elapsedSeconds: elapsedSeconds,
      remainingSeconds: remainingSeconds.flatMap { $0.isFinite ? $0 : nil },
      outcomes: Dictionary(grouping: ends, by: \.outcome.rawValue).mapValues(\.count),
      latestFailure: latestFailure.map { Failure($0) },
      methods: Standings(ends).rows.map { MethodState($0) })
  }

  /// JSON; a loss that is no number is a text.
  public var text: String { jsonDocument(contents) }

  private struct Contents: Encodable {
    let title: String?
    let finished: Int
    let planned: Int?
    let isComplete: Bool
    let isBeingWritten: Bool
    let elapsedSeconds: Double?
    let remainingSeconds: Double?
    let outcomes: [String: Int]
    let latestFailure: Failure?
    let methods: [MethodState]
  }

  private struct Failure: Encodable {
    let problem: String
    let run: String
    let outcome: String
    let failureStep: Int
    let failureTensor: String

    init(_ end: RunEnd) {
      problem = end.key.problem
      run = end.key.run
      outcome = end.outcome.rawValue
      failureStep = end.failureStep
      failureTensor = end.failureTensor
    }
  }

  private struct MethodState: Encodable {
    let problem: String
    let optimizer: String
    let clipping: String
    let runs: Int
    let diverged: Int
    let objectiveFailed: Int
    let learningRate: Double?
    let seeds: Int
    let loss: Double

    init(_ row: Standings.Row) {
      problem = row.problem
      optimizer = row.method.optimizer
      clipping = row.method.clipping
      runs = row.runs
      diverged = row.diverged
      objectiveFailed = row.void
      learningRate = row.learningRate
      seeds = row.seeds
      loss = row.loss
    }
  }
}
