/// How far a call has brought an experiment.
public enum ExperimentEnd: Sendable, Equatable {
  /// Every run of every round is finished.
  case complete
  /// It was cancelled.
  case cancelled
  /// So many runs of a round, from 0, are left to others; the rounds after it are planned from all of them.
  case missing(round: Int, runs: Int)
}
