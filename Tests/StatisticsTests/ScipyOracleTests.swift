import Statistics
import TestSupport
import Testing

/// Every statistic against SciPy, or against the published formula evaluated in NumPy.
struct ScipyOracleTests {
  let expected: ScipyOracle

  init() throws { expected = try ScipyOracle.load() }

  @Test func incompleteBetaAgreesWithSciPy() {
    for item in expected.incompleteBeta {
      let actual = regularizedIncompleteBeta(item.x, item.a, item.b)
      // The factor's logarithm loses digits as its gamma functions grow.
      let relative = 1e-13 * max(10, (item.a + item.b))
      #expect(isClose(actual, item.value, relative: relative, absolute: 1e-290), "\(item)")
    }
  }

  @Test func clopperPearsonAgreesWithSciPy() {
    for item in expected.clopperPearson {
      let actual = clopperPearson(
        successes: item.successes, trials: item.trials, confidence: item.confidence)
      #expect(isClose(actual.lower, item.lower, relative: 1e-10), "\(item)")
      #expect(isClose(actual.upper, item.upper, relative: 1e-10), "\(item)")
    }
  }

  @Test func distributionsAgreeWithSciPy() {
    for item in expected.distributions.normal {
      #expect(isClose(normalQuantile(item.p), item.z, relative: 1e-12, absolute: 1e-15), "\(item)")
    }
    for item in expected.distributions.chiSquared {
      let actual = chiSquaredSurvival(item.x, degreesOfFreedom: item.k)
      #expect(isClose(actual, item.survival, relative: 1e-12), "\(item)")
    }
    for item in expected.distributions.studentizedRange {
      let actual = studentizedRangeDistribution(item.q, groups: item.k)
      #expect(isClose(actual, item.value, relative: 1e-9, absolute: 1e-12), "\(item)")
    }
  }

  @Test func quantilesAreNumPysToTheLastBit() {
    for item in expected.samples {
      for (p, value) in zip(item.p, item.quantiles) {
        #expect(quantile(item.values, p) == value, "p = \(p) of \(item.values)")
      }
      #expect(isClose(median(item.values), item.median, relative: 1e-15))
    }
  }

  @Test func interquartileMeanIsSciPysTrimmedMean() {
    for item in expected.samples {
      #expect(isClose(interquartileMean(item.values), item.iqm, relative: 1e-13, absolute: 1e-16))
    }
  }

  @Test func midranksAreSciPys() {
    for item in expected.samples { #expect(midranks(item.values) == item.midranks) }
  }

  @Test func probabilityOfImprovementIsMannWhitneysUOverItsPairs() {
    for item in expected.improvement {
      #expect(isClose(probabilityOfImprovement(item.x, item.y), item.value, relative: 1e-15))
    }
  }

  @Test func signedRankTestAgreesWithSciPyOrAllSigns() {
    for item in expected.signedRank {
      let actual = wilcoxonSignedRank(item.x, item.y)
      #expect(isClose(actual.statistic, item.statistic), "\(item)")
      #expect(isClose(actual.pValue, item.p, relative: 1e-11), "\(actual) for \(item)")
    }
  }

  @Test func holmAgreesWithTheFormula() {
    for item in expected.holm {
      for (actual, value) in zip(holmAdjusted(item.p), item.adjusted) {
        #expect(isClose(actual, value, relative: 1e-14))
      }
    }
  }

  @Test func friedmanAgreesWithSciPy() {
    for item in expected.friedman {
      let actual = friedman(item.costs)
      #expect(isClose(actual.statistic, item.statistic, relative: 1e-11))
      #expect(isClose(actual.pValue, item.p, relative: 1e-11))
      for (rank, value) in zip(meanRanks(item.costs), item.meanRanks) {
        #expect(isClose(rank, value, relative: 1e-14))
      }
    }
  }

  @Test func nemenyisDifferenceAgreesWithTheStudentizedRange() {
    for item in expected.nemenyi {
      let actual = nemenyiCriticalDifference(
        methods: item.methods, problems: item.problems, alpha: item.alpha)
      #expect(isClose(actual, item.value, relative: 1e-8), "\(actual) for \(item)")
    }
  }

  @Test func survivalAgreesWithSciPysProductLimit() {
    for item in expected.kaplanMeier {
      let actual = KaplanMeier(durations: item.durations, failed: item.failed)
      #expect(actual.times == item.times)
      #expect(actual.survival.count == item.survival.count)
      for (value, expected) in zip(actual.survival, item.survival) {
        #expect(isClose(value, expected, relative: 1e-13, absolute: 1e-15))
      }
      #expect(actual.medianTime == (item.median < 0 ? nil : item.median))
      let bounds = actual.survivalBounds(confidence: 0.95)
      for (index, pair) in zip(item.bandLower, item.bandUpper).enumerated() {
        #expect(isClose(bounds[index].lower, pair.0, relative: 1e-10), "\(item.durations)")
        #expect(isClose(bounds[index].upper, pair.1, relative: 1e-10), "\(item.durations)")
      }
    }
  }

  @Test func profileAgreesWithAFineNumericalIntegral() {
    let item = expected.profile
    let profile = PerformanceProfile(costs: item.costs)
    for method in item.costs.indices {
      for (tau, value) in zip(item.tau, item.fractions[method]) {
        #expect(profile.fraction(method: method, within: tau) == value)
      }
      // The sampled integral is off by up to a step of 1e-6 at each jump.
      #expect(
        isClose(profile.score(method: method), item.scores[method], relative: 0, absolute: 1e-6))
    }
  }
}
