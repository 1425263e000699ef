import Statistics
import Tensors
import TestSupport
import Testing

/// The tests behind a claim against SciPy (`scripts/oracles/claims_scipy.py`), and how often they find
/// what is not there.
@Suite struct ClaimStatisticsTests {
  struct Oracle: Decodable {
    struct Margin: Decodable {
      let differences: [Double]
      let margin, exceeding, fallingShort: Double
      let needed: Int
    }
    struct Share: Decodable {
      let first, second, trials: Int
      let margin, exceeding, fallingShort: Double
    }
    let margins: [Margin]
    let shares: [Share]
  }
  let expected: Oracle

  init() throws { expected = try oracle("claims") }

  @Test func `a mean beyond a margin agrees with SciPy`() {
    for item in expected.margins {
      let actual = MarginTest(differences: item.differences, margin: item.margin)
      #expect(isClose(actual.exceeding, item.exceeding, relative: 1e-9), "\(item)")
      #expect(isClose(actual.fallingShort, item.fallingShort, relative: 1e-9), "\(item)")
      #expect(actual.unitsNeeded(level: 0.05) == item.needed, "\(item)")
    }
  }

  @Test func `a share beyond another agrees with SciPy`() {
    for item in expected.shares {
      let actual = ShareDifference(
        item.first, item.second, of: item.trials, margin: item.margin)
      #expect(isClose(actual.exceeding, item.exceeding, relative: 2e-3), "\(item)")
      #expect(isClose(actual.fallingShort, item.fallingShort, relative: 2e-3), "\(item)")
    }
  }

  @Test func `differences without spread and single ones prove no more than they can`() {
    let same = MarginTest(differences: [Double](repeating: 0.3, count: 5), margin: 0.1)
    #expect(same.exceeding == 1.0 / 32 && same.fallingShort == 1)
    #expect(MarginTest(differences: [7], margin: 0).exceeding == 1)
    let none = MarginTest(differences: [0.1, 0.1, 0.1], margin: 0.1)
    #expect(none.exceeding == 1 && none.unitsNeeded(level: 0.05) == nil)
  }

  /// The mean is the margin: whatever is found is wrong. 500 samples each, four standard deviations.
  /// Of the exponential tail against the claim 7% are found, as the type says.
  @Test(arguments: [
    ("normal", 10, 0.05), ("towards", 10, 0.05), ("against", 10, 0.07),
  ])
  func `what is not there is found no more often than stated`(
    shape: String, units: Int, level: Double
  ) {
    var stream = RandomStream(seed: 5, name: "claims \(shape)")
    func draw() -> Double {
      if shape == "normal" { return stream.normal() }
      let x = stream.normal()
      let y = stream.normal()
      let exponential = (x * x + y * y) / 2
      return shape == "towards" ? exponential - 1 : 1 - exponential
    }
    let samples = 500
    var found = 0
    for _ in 0..<samples {
      let differences = (0..<units).map { _ in 0.4 + draw() }
      if MarginTest(differences: differences, margin: 0.4).exceeding <= 0.05 { found += 1 }
    }
    let deviation = (level * (1 - level) * Double(samples)).squareRoot()
    #expect(Double(found) <= level * Double(samples) + 4 * deviation, "\(found) of \(samples)")
    if shape == "normal" { #expect(found > 8, "a test that finds nothing: \(found)") }
  }
}
