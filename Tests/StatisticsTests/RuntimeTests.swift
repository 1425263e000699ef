import Statistics
import TestSupport
import Testing

/// Costs to a target, with runs that never met it.
struct RuntimeTests {
  @Test func expectedRunningTimeChargesFailuresToTheSuccesses() {
    #expect(expectedRunningTime(costs: [10, 30, 100], succeeded: [true, true, false]) == 70)
    #expect(expectedRunningTime(costs: [10, 30], succeeded: [false, false]) == .infinity)
    #expect(expectedRunningTime(costs: [0, 4], succeeded: [true, true]) == 2)
  }

  @Test func penalizedAverageChargesTenBudgets() {
    let average = penalizedAverageRuntime(
      costs: [10, 30, 55], succeeded: [true, true, false], budget: 100)
    #expect(isClose(average, (10 + 30 + 1000) / 3.0))
    #expect(
      penalizedAverageRuntime(costs: [7], succeeded: [false], budget: 7, factor: 2) == 14)
  }

  @Test func profileCountsFailuresAgainstAMethod() {
    let profile = PerformanceProfile(costs: [[10, 20, .infinity], [20, 10, .infinity]])
    #expect(profile.fraction(method: 0, within: 1) == 1.0 / 3)
    #expect(profile.fraction(method: 0, within: 2) == 2.0 / 3)
    #expect(profile.fraction(method: 0, within: 1e300) == 2.0 / 3)
    // (1 + 2/3 + 0)/3: the ratios 1, 2 and +∞ up to 4.
    #expect(isClose(profile.score(method: 0), 5.0 / 9))
  }

  @Test func aProfileOfCostZeroHasOneBest() {
    let profile = PerformanceProfile(costs: [[0], [5]])
    #expect(profile.ratios == [[1], [.infinity]])
  }

  @Test func theScoreRisesWithTheProfileAndStaysWithinOne() {
    let costs = [[1.0, 1, 1], [2, 1, 8], [.infinity, .infinity, .infinity]]
    let profile = PerformanceProfile(costs: costs)
    let scores = (0..<3).map { profile.score(method: $0) }
    #expect(scores[0] == 1 && scores[1] < 1 && scores[1] > 0 && scores[2] == 0)
    #expect(profile.score(method: 1, upTo: 16) > profile.score(method: 1, upTo: 4))
  }

  @Test func areaUnderTheLogCurveAveragesDecades() {
    #expect(isClose(areaUnderLogCurve(steps: [0, 100], losses: [1, 0.01]), -1))
    #expect(isClose(areaUnderLogCurve(steps: [0, 10, 110], losses: [100, 1, 1]), 10.0 / 110))
    #expect(areaUnderLogCurve(steps: [5], losses: [10]) == 1)
    #expect(areaUnderLogCurve(steps: [0, 1], losses: [1, .infinity]) == .infinity)
    #expect(areaUnderLogCurve(steps: [0, 1], losses: [0, 0], floor: 1e-8) == -8)
  }
}
