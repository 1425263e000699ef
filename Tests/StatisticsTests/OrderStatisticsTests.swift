import Statistics
import Tensors
import TestSupport
import Testing

/// Quantiles, ranks and means of ordered values, with failed runs among them.
struct OrderStatisticsTests {
  @Test(arguments: [0, 1, 2] as [UInt64])
  func theOrderOfTheValuesDoesNotMatter(seed: UInt64) {
    var stream = RandomStream(seed: seed, name: "values")
    let values = (0..<23).map { _ in stream.uniform() < 0.1 ? .infinity : stream.normal() }
    var shuffled = values
    stream.shuffle(&shuffled)
    for p in [0, 0.13, 0.5, 0.97, 1] { #expect(quantile(values, p) == quantile(shuffled, p)) }
    #expect(interquartileMean(values) == interquartileMean(shuffled))
    #expect(midranks(values).sorted() == midranks(shuffled).sorted())
  }

  @Test func quantilesRiseWithTheirPosition() {
    let values = [3.0, -1, 4, 1, -5, 9, 2, 6, .infinity]
    let quantiles = (0...100).map { quantile(values, Double($0) / 100) }
    #expect(quantiles == quantiles.sorted())
    #expect(quantiles.first == -5 && quantiles.last == .infinity)
  }

  @Test func towardsInfinityEverythingIsInfinite() {
    #expect(quantile([1, .infinity], 0) == 1)
    #expect(quantile([1, .infinity], 0.001) == .infinity)
    #expect(median([.infinity, .infinity, 1]) == .infinity)
    #expect(median([1, 2, .infinity]) == 2)
    #expect(median([1, .infinity]) == .infinity)
    #expect(quantile([.infinity, .infinity], 0.3) == .infinity)
  }

  @Test func interquartileMeanForgivesFewerThanAQuarterOfFailures() {
    let finite = (1...10).map(Double.init)
    #expect(interquartileMean(finite) == 5.5)
    #expect(interquartileMean(Array(finite.dropLast(2)) + [.infinity, .infinity]) == 5.5)
    #expect(
      interquartileMean(Array(finite.dropLast(3)) + .init(repeating: .infinity, count: 3))
        == .infinity)
  }

  @Test func raisingAValueNeverLowersAStatistic() {
    let values = [0.2, 0.9, 0.4, 0.4, 0.7, 0.1]
    for index in values.indices {
      for rise in [0.05, 0.3, Double.infinity] {
        var raised = values
        raised[index] += rise
        #expect(interquartileMean(raised) >= interquartileMean(values) - 1e-15)
        #expect(median(raised) >= median(values))
        #expect(midranks(raised)[index] >= midranks(values)[index])
      }
    }
  }

  @Test func ranksSumToTheSameWhateverTies() {
    for values in [[5.0], [1, 1, 1], [2, .infinity, .infinity, 1], [3, 2, 1, 2, 3]] {
      let n = Double(values.count)
      #expect(midranks(values).reduce(0, +) == n * (n + 1) / 2)
    }
    #expect(midranks([2, .infinity, .infinity, 1]) == [2, 3.5, 3.5, 1])
    #expect(midranks([]) == [])
  }

  @Test func meanRanksPutJointFailuresTogether() {
    #expect(meanRanks([[1, .infinity, .infinity], [2, 1, 3]]) == [1.5, 1.75, 2.75])
  }

  @Test func improvementsOfBothDirectionsSumToOne() {
    let x = [0.1, 0.5, 0.5, .infinity]
    let y = [0.5, 0.2, .infinity, .infinity, 0.9]
    #expect(probabilityOfImprovement(x, y) + probabilityOfImprovement(y, x) == 1)
    #expect(probabilityOfImprovement(x, x) == 0.5)
    #expect(probabilityOfImprovement([1, 2], [3, .infinity]) == 1)
    #expect(probabilityOfImprovement([.infinity], [.infinity]) == 0.5)
  }

  @Test func notANumberTraps() async {
    await #expect(processExitsWith: .failure) { _ = quantile([1, .nan], 0.5) }
    await #expect(processExitsWith: .failure) { _ = interquartileMean([.nan]) }
    await #expect(processExitsWith: .failure) { _ = midranks([.nan, 1]) }
    await #expect(processExitsWith: .failure) { _ = median([]) }
    await #expect(processExitsWith: .failure) { _ = probabilityOfImprovement([.nan], [1]) }
  }
}
