import Analysis
import Statistics
import Tensors
import Testing

/// Methods of the robust protocol beside each other.
struct RobustComparisonTests {
  static let scale = ProgressScale(referenceLoss: 2.3, lowerBound: 0, isLogarithmic: false)
  static let seeds = 10

  /// A method with a valley at `centre`, a loss at its bottom and a cliff at `edge`, all in decades.
  static func method(
    _ name: String, centre: Double = -2, bottom: Double = 0.5, edge: Double = -1.2,
    noise: Double = 0.02, stream id: UInt64, origin: Double = 0.01
  ) -> RobustMethod {
    var stream = RandomStream(seed: id, name: "robust method")
    let tuners = (0..<5).map { _ in noise * stream.normal() }
    let evaluators = (0..<seeds).map { _ in noise * stream.normal() }
    func loss(_ rate: Double, _ shift: Double) -> Double? {
      let x = decimalLogarithm(rate)
      return x > edge ? nil : bottom + shift + 0.4 * (x - centre) * (x - centre)
    }
    var tuning: [Int: [Double?]] = [:]
    var scan = RateScan(reference: scale.referencePosition)
    while case let round = scan.nextRound(), !round.isEmpty {
      for index in round {
        let losses = tuners.map { loss(RateScan.rate(origin: origin, index: index), $0) }
        tuning[index] = losses
        scan.record(interquartileMean(losses.map { scale.position($0) }), at: index)
      }
    }
    let rate = RobustMethod.tunedRate(of: scan, origin: origin, scale: scale)
    return RobustMethod(
      Method(optimizer: name, clipping: "none"), origin: origin, tuning: tuning,
      ladder: rate.map { rate in
        StressLadder.multiples.map { k in evaluators.map { loss(k * rate, $0) } }
      }, evaluationSeeds: seeds, scale: scale)
  }

  @Test func tellsBetterFromEqualAndSaysWhatItCannotTell() throws {
    let methods = [
      Self.method("baseline", stream: 1), Self.method("twin", noise: 0.005, stream: 2),
      Self.method("better", bottom: 0.2, stream: 3), Self.method("noisy", noise: 0.6, stream: 4),
      Self.method("frozen", centre: 40, stream: 5),
    ]
    let comparison = RobustComparison(methods, baseline: 0, scale: Self.scale)
    #expect(comparison.effects[0] == nil)
    #expect(comparison.effects[1]?.verdict == .equivalent)
    #expect(comparison.effects[2]?.verdict == .better)
    #expect(comparison.effects[4]?.verdict == .worse)
    guard case .undecided(let needed) = try #require(comparison.effects[3]).verdict else {
      Issue.record("\(comparison.effects)")
      return
    }
    #expect(needed ?? .max > Self.seeds)
    #expect(
      methods[4].tunedRate == nil && methods[4].robustProgress?.allSatisfy { $0 == 0 } == true)
    #expect(comparison.ranks[2].lowerBound == 1)
    #expect(comparison.ranks[4].upperBound == 5 && comparison.ranks[4].lowerBound > 1)
  }

  /// Clones, additions and removals leave the values of the others as they are.
  @Test func valuesDependOnNobodyElse() {
    let methods = [Self.method("a", stream: 1), Self.method("b", bottom: 0.3, stream: 2)]
    let alone = RobustComparison(methods, baseline: 0, scale: Self.scale)
    let more = RobustComparison(
      methods + [methods[1], Self.method("c", edge: -1.9, stream: 3)], baseline: 0,
      scale: Self.scale)
    #expect(alone.effects[1]?.difference == more.effects[1]?.difference)
    #expect(alone.effects[1]?.interval == more.effects[1]?.interval)
    #expect(more.effects[1]?.difference == more.effects[2]?.difference)
  }

  /// A cliff close to the best rate costs robust progress and nothing at the tuned rate.
  @Test func fragilityCostsRobustProgressOnly() throws {
    let sturdy = Self.method("sturdy", edge: -0.5, noise: 0, stream: 1)
    let fragile = Self.method("fragile", edge: -1.65, noise: 0, stream: 1)
    let a = try #require(sturdy.ladder)
    let b = try #require(fragile.ladder)
    #expect(abs((a.tunedProgress?[0] ?? 0) - (b.tunedProgress?[0] ?? 1)) < 0.06)
    #expect((a.robustProgress?[0] ?? 0) > (b.robustProgress?[0] ?? 1) + 0.2)
    #expect(a.usefulMultiple(atLeast: 0.9) ?? 0 > b.usefulMultiple(atLeast: 0.9) ?? 100)
  }
}
