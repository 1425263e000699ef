import Statistics
import Tensors
import TestSupport
import Testing

/// Tests on ranks: their level, symmetry and edge cases.
struct RankTestTests {
  @Test func signedRankTestKeepsItsLevelOverAllSigns() {
    // Under the null each of the 2⁸ signs is equally likely; ties make the distribution coarse.
    for sizes in [[1.0, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 2, 2, 3, 4, .infinity]] {
      var pValues: [Double] = []
      for signs in 0..<256 {
        let pairs = sizes.enumerated().map { signs >> $0 & 1 == 1 ? ($1, 0) : (0, $1) }
        pValues.append(wilcoxonSignedRank(pairs.map(\.0), pairs.map(\.1)).pValue)
      }
      for level in [0.01, 0.05, 0.2, 0.5] {
        #expect(pValues.count { $0 <= level } <= Int(level * 256))
      }
      #expect(pValues.min() == 2.0 / 256)
    }
  }

  @Test func signedRankTestIsSymmetricAndIgnoresTheOrderOfPairs() {
    var stream = RandomStream(seed: 4, name: "pairs")
    var pairs = (0..<30).map { _ in (stream.normal(), 0.4 + stream.normal()) }
    let test = wilcoxonSignedRank(pairs.map(\.0), pairs.map(\.1))
    let swapped = wilcoxonSignedRank(pairs.map(\.1), pairs.map(\.0))
    stream.shuffle(&pairs)
    #expect(test == swapped)
    #expect(test == wilcoxonSignedRank(pairs.map(\.0), pairs.map(\.1)))
  }

  @Test func signedRankTestChangesSmoothlyToItsApproximation() {
    var stream = RandomStream(seed: 9, name: "pairs")
    let x = (0..<51).map { _ in stream.normal() }
    let y = x.map { $0 + 0.3 + stream.normal() }
    let exact = wilcoxonSignedRank(Array(x.dropLast()), Array(y.dropLast())).pValue
    let approximate = wilcoxonSignedRank(x, y).pValue
    #expect(isClose(exact, approximate, relative: 0.5, absolute: 0.02))
  }

  @Test func withoutDifferencesNothingIsSignificant() {
    #expect(wilcoxonSignedRank([], []).pValue == 1)
    #expect(wilcoxonSignedRank([1, .infinity], [1, .infinity]).pValue == 1)
    #expect(wilcoxonSignedRank([1], [2]).pValue == 1)
    #expect(friedman([[1, 1], [2, 2]]) == RankTest(statistic: 0, pValue: 1))
  }

  @Test func aMethodThatAlwaysFailsIsWorseWithTheLargestEvidence() {
    let finite = (0..<10).map { 0.1 * Double($0) }
    let failed = [Double](repeating: .infinity, count: 10)
    #expect(isClose(wilcoxonSignedRank(finite, failed).pValue, 2.0 / 1024))
  }

  @Test func friedmanIgnoresTheOrderOfProblemsAndMonotoneScales() {
    let costs = [[1.0, 2, 3], [2, 1, 3], [1, 3, 2], [5, 6, 9], [0, 0, .infinity]]
    let rescaled = costs.reversed().map { row in row.map { $0 * $0 * 7 + 1 } }
    let test = friedman(costs)
    let other = friedman(rescaled)
    #expect(isClose(test.pValue, other.pValue) && test.pValue > 0 && test.pValue < 1)
  }

  @Test func holmNeverLowersAProbabilityNorChangesTheOrder() {
    let values = [0.03, 0.001, 0.2, 0.03, 0.9]
    let adjusted = holmAdjusted(values)
    #expect(zip(adjusted, values).allSatisfy { $0 >= $1 && $0 <= 1 })
    #expect(adjusted[1] < adjusted[0] && adjusted[0] == adjusted[3] && adjusted[2] < adjusted[4])
    #expect(holmAdjusted([]) == [])
  }

  @Test func nemenyisDifferenceIsDemsarsTable() {
    // Demšar (2006), table 5a: q at 0.05 for 2, 5 and 10 classifiers.
    for (methods, q) in [(2, 1.960), (5, 2.728), (10, 3.164)] {
      let k = Double(methods)
      let difference = nemenyiCriticalDifference(methods: methods, problems: 30)
      let actual = difference / (k * (k + 1) / 180).squareRoot()
      #expect(isClose(actual, q, relative: 0, absolute: 5e-4))
    }
  }
}

/// scipy.stats.spearmanr of SciPy 1.17.1 on the same numbers.
@Test func rankCorrelationsAreScipys() throws {
  let x: [Double] = [1, 2, 3, 4, 5, 6]
  #expect(rankCorrelation(x, x.map { $0 * $0 }) == 1)
  #expect(rankCorrelation(x, x.map { -$0 }) == -1)
  let tied = try #require(rankCorrelation(x, [2, 2, 1, 5, 4, 4]))
  #expect(abs(tied - 0.6179143806533246) < 1e-12)
  #expect(rankCorrelation(x, [1, 1, 1, 1, 1, 1]) == nil)
  #expect(rankCorrelation([1], [1]) == nil)
}
