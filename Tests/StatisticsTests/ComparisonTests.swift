import Statistics
import Tensors
import TestSupport
import Testing

/// Simultaneous comparisons against brute force in NumPy and SciPy's BCa intervals
/// (`scripts/oracles/comparison_scipy.py`).
struct ComparisonTests {
  struct Oracle: Decodable {
    struct Flips: Decodable { let differences: [[Double]], pValues: [Double] }
    struct Ranks: Decodable { let costs: [[Double]], lower, upper: [Int] }
    struct BCa: Decodable {
      let estimate: Double
      let replicates: [Double]
      let jackknife: [[Double]]
      let confidence, lower, upper: Double
    }
    let flips: [Flips]
    let ranks: [Ranks]
    let intervals: [BCa]
  }
  let expected: Oracle

  init() throws { expected = try oracle("comparison") }

  @Test func simultaneousSignFlipsAgreeWithAllPatternsInNumPy() {
    for item in expected.flips {
      let actual = SimultaneousSignFlips(differences: item.differences)
      for (p, value) in zip(actual.pValues, item.pValues) {
        #expect(isClose(p, value, relative: 1e-12), "\(item)")
      }
    }
  }

  @Test func rankSetsAgreeWithNumPy() {
    for item in expected.ranks {
      let actual = RankConfidenceSets(costs: item.costs)
      #expect(actual.ranks.map(\.lowerBound) == item.lower)
      #expect(actual.ranks.map(\.upperBound) == item.upper)
    }
  }

  @Test func intervalsAgreeWithSciPy() {
    for item in expected.intervals {
      let actual = biasCorrectedInterval(
        estimate: item.estimate, replicates: item.replicates, jackknife: item.jackknife,
        confidence: item.confidence)
      #expect(isClose(actual.lower, item.lower, relative: 1e-9), "\(actual) \(item.lower)")
      #expect(isClose(actual.upper, item.upper, relative: 1e-9), "\(actual) \(item.upper)")
    }
  }

  /// All methods alike: a false difference anywhere in at most 5% of experiments, where comparing
  /// everybody with the best of the same seeds finds one in a fifth.
  @Test func equalMethodsAreRarelyTold() {
    var stream = RandomStream(seed: 7, name: "equal methods")
    var alarms = 0
    let trials = 200
    for _ in 0..<trials {
      let costs = (0..<8).map { _ in (0..<8).map { _ in stream.normal() } }
      let sets = RankConfidenceSets(costs: costs)
      if sets.ranks.contains(where: { $0 != 1...8 }) { alarms += 1 }
    }
    // P(more than 19 of 200) is below 0.01 where the true share is 5%.
    #expect(alarms <= 19, "\(alarms) of \(trials)")
  }

  @Test func aStatisticThatNeverChangesIsItsOwnInterval() {
    let interval = biasCorrectedBootstrap(sizes: [3, 4], resamples: 50, seed: 1) { _ in 2 }
    #expect(interval == Interval(lower: 2, upper: 2))
  }

  /// The mean of lognormal samples of ten: the percentile interval covers it in 83% of samples.
  @Test func coversASkewedMeanMoreOftenThanPercentiles() {
    var stream = RandomStream(seed: 3, name: "coverage")
    var bca = 0
    var percentile = 0
    let mean = exponential(0.5)
    for trial in 0..<150 {
      let sample = (0..<10).map { _ in exponential(Double(stream.normal())) }
      func average(_ indices: [Int]) -> Double {
        indices.reduce(0) { $0 + sample[$1] } / Double(indices.count)
      }
      let seed = UInt64(trial)
      if biasCorrectedBootstrap(
        sizes: [10], resamples: 400, seed: seed, statistic: { average($0[0]) }
      ).contains(mean) {
        bca += 1
      }
      if stratifiedBootstrap(
        sizes: [10], resamples: 400, seed: seed, statistic: { average($0[0]) }
      ).contains(mean) {
        percentile += 1
      }
    }
    #expect(bca > percentile, "\(bca) and \(percentile)")
  }
}
