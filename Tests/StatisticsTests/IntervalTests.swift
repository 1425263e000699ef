import Statistics
import Tensors
import TestSupport
import Testing

/// Intervals keep what they promise.
struct IntervalTests {
  @Test(arguments: [0.9, 0.95, 0.99])
  func clopperPearsonCoversEveryProportionWithItsConfidence(confidence: Double) {
    for trials in [1, 2, 5, 10, 30] {
      let intervals = (0...trials).map {
        clopperPearson(successes: $0, trials: trials, confidence: confidence)
      }
      for percent in 1..<100 {
        let p = Double(percent) / 100
        var coverage = 0.0
        for (successes, interval) in intervals.enumerated() where interval.contains(p) {
          coverage += binomial(successes, trials, p)
        }
        #expect(coverage >= confidence, "\(trials) trials at \(p)")
      }
    }
  }

  @Test func clopperPearsonIsNoWiderThanItsDefinition() {
    // At the upper bound exactly α/2 of the probability lies at or below the observed count.
    for (successes, trials) in [(0, 10), (3, 10), (44, 90)] {
      let interval = clopperPearson(successes: successes, trials: trials)
      let below = (0...successes).reduce(0) { $0 + binomial($1, trials, interval.upper) }
      #expect(isClose(below, 0.025, relative: 1e-10))
    }
  }

  @Test func clopperPearsonIsSymmetricAndShrinksWithTrials() {
    for trials in [1, 7, 40] {
      for successes in 0...trials {
        let interval = clopperPearson(successes: successes, trials: trials)
        let mirrored = clopperPearson(successes: trials - successes, trials: trials)
        #expect(isClose(interval.lower, 1 - mirrored.upper, absolute: 1e-15))
      }
    }
    let widths = [10, 100, 1000].map { trials in
      let interval = clopperPearson(successes: trials / 5, trials: trials)
      return interval.upper - interval.lower
    }
    #expect(widths[0] > widths[1] && widths[1] > widths[2])
    #expect(clopperPearson(successes: 0, trials: 0) == Interval(lower: 0, upper: 1))
  }

  @Test func bootstrapCoversTheMeanOfANormalSample() {
    var stream = RandomStream(seed: 1, name: "coverage")
    var covered = 0
    let repetitions = 300
    for repetition in 0..<repetitions {
      let strata = [0.0, 10.0].map { mean in (0..<20).map { _ in mean + stream.normal() } }
      let interval = stratifiedBootstrap(
        strata, resamples: 400, seed: UInt64(repetition), statistic: meanOfMeans)
      if interval.contains(5) { covered += 1 }
    }
    // The percentile interval of forty values covers about 93.5%: ± 3 standard errors.
    let coverage = Double(covered) / Double(repetitions)
    #expect(coverage > 0.89 && coverage < 0.98, "covered \(coverage)")
  }

  @Test func bootstrapHasTheWidthOfTheStandardError() {
    // Strata far apart: resampling across them would widen the interval tenfold.
    let stratum = (0..<25).map { Double($0) - 12 }
    let strata = [stratum, stratum.map { $0 + 1000 }]
    let interval = stratifiedBootstrap(strata, resamples: 4000, seed: 3, statistic: meanOfMeans)
    let deviation = (Double(25 * 25 - 1) / 12).squareRoot()
    let width = 2 * 1.959964 * deviation / 50.0.squareRoot()
    #expect(isClose(interval.upper - interval.lower, width, relative: 0.05))
  }

  @Test func bootstrapResamplesEachStratumFromItself() {
    let strata = [[1.0, 2, 3], [10, 20], [100]]
    _ = stratifiedBootstrap(strata, resamples: 50, seed: 0) { sample in
      #expect(sample.map(\.count) == [3, 2, 1])
      for (drawn, stratum) in zip(sample, strata) {
        #expect(drawn.allSatisfy { stratum.contains($0) })
      }
      return 0
    }
  }

  @Test func bootstrapDependsOnItsSeedAlone() {
    let strata = [(0..<15).map { Double($0 * $0) }]
    let first = stratifiedBootstrap(strata, seed: 7, statistic: meanOfMeans)
    #expect(first == stratifiedBootstrap(strata, seed: 7, statistic: meanOfMeans))
    #expect(first != stratifiedBootstrap(strata, seed: 8, statistic: meanOfMeans))
  }

  @Test func bootstrapOfIndicesDrawsTheSameAsOfValues() {
    let strata = [[4.0, 1, 3], [2, 8]]
    let values = stratifiedBootstrap(strata, resamples: 99, seed: 5, statistic: meanOfMeans)
    let indices = stratifiedBootstrap(sizes: [3, 2], resamples: 99, seed: 5) { chosen in
      meanOfMeans(zip(strata, chosen).map { stratum, chosen in chosen.map { stratum[$0] } })
    }
    #expect(values == indices)
  }

  @Test func aFailedRunReachesTheUpperBoundOnly() {
    let values = [1, 2, 3, 4, 5, 6, 7, 8, 9, Double.infinity]
    let interval = stratifiedBootstrap([values], seed: 0) { interquartileMean($0[0]) }
    #expect(interval.lower.isFinite && interval.upper == .infinity)
  }
}

private func meanOfMeans(_ strata: [[Double]]) -> Double {
  strata.reduce(0) { $0 + $1.reduce(0, +) / Double($1.count) } / Double(strata.count)
}

/// The probability of `k` successes in `n` trials, by multiplication.
private func binomial(_ k: Int, _ n: Int, _ p: Double) -> Double {
  var value = 1.0
  for i in 0..<n { value *= i < k ? p * Double(n - i) / Double(k - i) : 1 - p }
  return value
}
