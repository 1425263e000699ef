package import Records

/// Runs held in memory up to a bound; those beyond it are left out.
package struct RecentRuns: Sendable {
  /// The most bytes of recorded values held.
  private let capacity: Int
  private var runs: [RunKey: RunRecord] = [:]
  private var bytes = 0

  /// - Parameter capacity: By default what some 4,000 runs of 500 steps take.
  package init(capacity: Int = 64 << 20) { self.capacity = capacity }

  package subscript(key: RunKey) -> RunRecord? { runs[key] }

  /// Holds `run` if there is room for it.
  package mutating func insert(_ run: RunRecord) {
    bytes -= runs.removeValue(forKey: run.key)?.recordedBytes ?? 0
    let added = run.recordedBytes
    guard bytes + added <= capacity else { return }
    bytes += added
    runs[run.key] = run
  }
}

extension RunRecord {
  /// The bytes of the recorded values, and a kilobyte for the rest.
  fileprivate var recordedBytes: Int {
    let recorded = RecordingKind.all.reduce(0) { sum, kind in
      sum + (kind.recording(self)?.series ?? []).reduce(0) { $0 + $1.numbers.bytes }
    }
    return recorded + config.utf8.count + 1024
  }
}
