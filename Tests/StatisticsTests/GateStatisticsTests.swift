import Statistics
import Tensors
import TestSupport
import Testing

/// The gate's statistics against brute force in NumPy and SciPy (`scripts/oracles/gate_scipy.py`).
struct GateStatisticsTests {
  struct Oracle: Decodable {
    struct SignFlip: Decodable {
      let differences: [[Double]]
      let resolution, increase, decrease: Double
      let shifts: [Double]
    }
    struct Student: Decodable { let t, freedom, value: Double }
    struct Quantile: Decodable { let p, freedom, t: Double }
    struct Equivalence: Decodable {
      let differences: [Double]
      let margin, significance, p, lower, upper: Double
      let needed: Int
    }
    let signFlips: [SignFlip]
    let students: [Student]
    let quantiles: [Quantile]
    let equivalence: [Equivalence]
  }
  let expected: Oracle

  init() throws { expected = try oracle("gate") }

  @Test func signFlipsAgreeWithAllPatternsInNumPy() {
    for item in expected.signFlips {
      let actual = SignFlipTest(differences: item.differences, resolution: item.resolution)
      #expect(isClose(actual.increase, item.increase), "\(item)")
      #expect(isClose(actual.decrease, item.decrease), "\(item)")
      for (shift, value) in zip(actual.shifts, item.shifts) {
        #expect(isClose(shift, value, relative: 1e-12, absolute: 1e-14), "\(item)")
      }
    }
  }

  @Test func studentsDistributionAgreesWithSciPy() {
    for item in expected.students {
      let actual = studentDistribution(item.t, degreesOfFreedom: item.freedom)
      #expect(isClose(actual, item.value, relative: 1e-10), "\(item)")
    }
    for item in expected.quantiles {
      let actual = studentQuantile(item.p, degreesOfFreedom: item.freedom)
      #expect(isClose(actual, item.t, relative: 1e-9, absolute: 1e-14), "\(item)")
    }
  }

  @Test func equivalenceAgreesWithSciPysOneSidedTests() {
    for item in expected.equivalence {
      let actual = EquivalenceTest(
        differences: item.differences, margin: item.margin, significance: item.significance)
      #expect(isClose(actual.pValue, item.p, relative: 1e-9), "\(item)")
      #expect(actual.isEquivalent == (item.p <= item.significance))
      #expect(isClose(actual.interval?.lower ?? .nan, item.lower, relative: 1e-9))
      #expect(isClose(actual.interval?.upper ?? .nan, item.upper, relative: 1e-9))
      #expect(actual.unitsNeeded == (item.needed < 0 ? nil : item.needed))
    }
  }

  /// Cells that share what their seed draws: flipping single differences would find something in far
  /// more than one comparison of twenty, flipping seeds does not.
  @Test func theLevelHoldsForCorrelatedCells() {
    var stream = RandomStream(seed: 7, name: "level")
    let comparisons = 600
    var alarms = 0
    for _ in 0..<comparisons {
      var differences = Array(repeating: [Double](repeating: 0, count: 10), count: 12)
      for unit in 0..<10 {
        let common = stream.normal()
        for cell in differences.indices {
          differences[cell][unit] = common + 0.3 * stream.normal()
        }
      }
      if SignFlipTest(differences: differences).increase <= 0.05 { alarms += 1 }
    }
    let interval = clopperPearson(successes: alarms, trials: comparisons, confidence: 0.999)
    #expect(interval.lower <= 0.05, "\(alarms) of \(comparisons)")
    #expect(alarms > 0)
  }

  @Test func oneCellThatRisesIsNotPaidForByOthersThatFall() {
    let rising = (0..<10).map { 0.5 + 0.01 * Double($0) }
    let falling = rising.map { -$0 }
    let test = SignFlipTest(differences: [rising, falling, falling, falling])
    #expect(test.increase <= 3.0 / 1024)
    #expect(test.decrease <= 3.0 / 1024)
  }

  @Test func differencesBelowTheResolutionDoNotDrownOthers() {
    // Nine cells of rounding noise in both directions, one that moved.
    var stream = RandomStream(seed: 3, name: "noise")
    var differences = (0..<40).map { _ in (0..<10).map { _ in 1e-7 * stream.normal() } }
    differences.append((0..<10).map { _ in 0.2 + 0.05 * stream.normal() })
    #expect(SignFlipTest(differences: differences, resolution: 0.05).increase <= 2.0 / 1024)
  }

  @Test func manyUnitsAreSampledWithTheObservedPatternAmongThem() {
    let differences = [(0..<30).map { _ in 1.0 }]
    let test = SignFlipTest(differences: differences, seed: 5)
    #expect(test.increase == 1 / 16384.0)
    #expect(test.decrease == 1)
    let again = SignFlipTest(differences: differences, seed: 5)
    #expect(test.increase == again.increase)
  }

  @Test func equalResultsAreEquivalentAndOneUnitProvesNothing() {
    let equal = EquivalenceTest(differences: [0, 0, 0], margin: 0.1, significance: 0.05)
    #expect(equal.isEquivalent && equal.pValue == 0)
    let single = EquivalenceTest(differences: [0], margin: 0.1, significance: 0.05)
    #expect(!single.isEquivalent && single.interval == nil && single.unitsNeeded == nil)
  }
}
