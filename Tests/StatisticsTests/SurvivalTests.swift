import Statistics
import Tensors
import TestSupport
import Testing

/// Time to failure with runs that never failed.
struct SurvivalTests {
  @Test func withoutCensoringItIsTheShareThatStillRuns() {
    let durations = [3, 1, 4, 1, 5, 9, 2, 6]
    let estimate = KaplanMeier(
      durations: durations, failed: durations.map { _ in true })
    for time in 0...10 {
      let share = Double(durations.count { $0 > time }) / 8
      #expect(isClose(estimate.survival(after: time), share, absolute: 1e-15))
    }
  }

  @Test func whereFewerThanHalfFailThereIsNoMedian() {
    let estimate = KaplanMeier(
      durations: [5, 8, 100, 100, 100], failed: [true, true, false, false, false])
    #expect(estimate.times == [5, 8])
    #expect(estimate.medianTime == nil)
    #expect(estimate.medianInterval().lower == 5)
    #expect(estimate.medianInterval().upper == nil)
  }

  @Test func noRunsOrNoFailuresGiveNothing() {
    for estimate in [
      KaplanMeier(durations: [], failed: []),
      KaplanMeier(durations: [10, 10], failed: [false, false]),
    ] {
      #expect(estimate.times == [] && estimate.medianTime == nil)
      #expect(estimate.medianInterval().lower == nil && estimate.medianInterval().upper == nil)
      #expect(estimate.survival(after: 1_000) == 1)
    }
  }

  @Test func runsThatAllFailAtOneStepBoundTheirMedian() {
    let ten = KaplanMeier(
      durations: Array(repeating: 7, count: 10), failed: Array(repeating: true, count: 10))
    #expect(ten.medianTime == 7)
    #expect(ten.medianInterval().lower == 7 && ten.medianInterval().upper == 7)
    // Five runs cannot bound a median at 95%: ½⁵ is more than 2.5%.
    let five = KaplanMeier(
      durations: Array(repeating: 7, count: 5), failed: Array(repeating: true, count: 5))
    #expect(five.medianInterval().lower == 7 && five.medianInterval().upper == nil)
  }

  @Test func aRunCensoredAtAFailureTimeWasAtRisk() {
    let estimate = KaplanMeier(durations: [4, 4, 9], failed: [false, true, true])
    #expect(isClose(estimate.survival(after: 4), 2.0 / 3))
  }

  @Test func theMediansIntervalCoversIt() {
    // Geometric times with failure rate 0.02 a step have the median 35; censored at 60.
    var stream = RandomStream(seed: 2, name: "times")
    let repetitions = 400
    var covered = 0
    for _ in 0..<repetitions {
      let times = (0..<30).map { _ in
        Int((logarithm(1 - stream.uniform()) / logarithm(0.98)).rounded(.up))
      }
      let estimate = KaplanMeier(
        durations: times.map { min($0, 60) }, failed: times.map { $0 <= 60 })
      let interval = estimate.medianInterval()
      if interval.lower ?? .max <= 35, 35 <= interval.upper ?? .max { covered += 1 }
    }
    let coverage = Double(covered) / Double(repetitions)
    #expect(coverage > 0.92 && coverage < 0.99, "covered \(coverage)")
  }
}
