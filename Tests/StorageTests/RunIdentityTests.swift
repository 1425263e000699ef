import Records
import Storage
import Testing

/// What makes no difference between runs, and what is held of them in memory.
@Suite struct RunIdentityTests {
  private let run = SampleExperiment.run(problem: "digits", index: 1, recordsTensors: true)

  /// A quantity that files were once written without, and that never came about.
  @Test func aSeriesOfZerosCountsLikeNone() {
    var other = run
    other.trajectory.further = [
      RecordedSeries(.clipSkipped, Array(repeating: 0, count: run.trajectory.steps))
    ]
    #expect(other == run)
    #expect(other.contentDigest == run.contentDigest)
    other.trajectory.further[0].values[2] = 1
    #expect(other != run)
    #expect(other.contentDigest != run.contentDigest)
  }

  @Test func recentRunsAreHeldUpToABound() {
    // A run takes a kilobyte, and more than 8 × 4 bytes for each of its 20 steps.
    var recent = RecentRuns(capacity: 10_000)
    let runs = (0..<20).map { number in
      var copy = run
      copy.key = RunKey(problem: "digits", run: "\(number)")
      return copy
    }
    for run in runs { recent.insert(run) }
    let held = runs.count { recent[$0.key] != nil }
    #expect((1...5).contains(held))
    // One that is replaced gives its room back.
    for _ in 0..<50 { recent.insert(runs[0]) }
    #expect(recent[runs[0].key] == runs[0])
  }
}
