/// How sure the analysis wants to be, and what its random resampling starts from.
public struct AnalysisOptions: Sendable, Equatable {
  /// The confidence of every interval.
  public var confidence = 0.95
  /// The level at which two methods count as different.
  public var significance = 0.05
  /// Bootstrap resamples behind each interval.
  public var resamples = 2000
  /// The seed of the resampling: the same seed and records give the same analysis, bit for bit.
  public var seed: UInt64 = 0

  public init() {}
}
