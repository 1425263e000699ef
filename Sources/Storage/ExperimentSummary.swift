public import Records

/// What a result file holds, without its runs.
public struct ExperimentSummary: Sendable, Equatable {
  public let header: ExperimentHeader
  /// The stored runs of each problem, in the header's order.
  public let runsPerProblem: [Int]
  /// The content digest stored with the file: `ExperimentRecord.contentDigest` of its content.
  public let contentDigest: String

  /// The stored runs.
  public var storedRuns: Int { runsPerProblem.reduce(0, +) }
}
