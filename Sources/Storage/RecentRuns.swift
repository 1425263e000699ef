internal import Records

/// Runs held in memory up to a bound; those beyond it are left out.
struct RecentRuns: Sendable {
  /// The most bytes of recorded values held: some 4,000 runs of 500 steps.
  private static let capacity = 64 << 20

  private var runs: [RunKey: RunRecord] = [:]
  private var bytes = 0

  subscript(key: RunKey) -> RunRecord? { runs[key] }

  /// Holds `run` if there is room for it.
  mutating func insert(_ run: RunRecord) {
    bytes -= runs.removeValue(forKey: run.key)?.recordedBytes ?? 0
    guard bytes + run.recordedBytes <= Self.capacity else { return }
    bytes += run.recordedBytes
    runs[run.key] = run
  }
}

extension RunRecord {
  /// The bytes of the recorded values, and a kilobyte for the rest.
  fileprivate var recordedBytes: Int {
    let floats =
      trajectory.series.count * trajectory.steps + evaluations.values.count
      * evaluations.steps.count
      + 3 * (flight?.gradientNorm.count ?? 0) + 3 * (tensors?.gradientNorm.count ?? 0)
    return 4 * floats + trajectory.steps + config.utf8.count + 1024
  }
}
