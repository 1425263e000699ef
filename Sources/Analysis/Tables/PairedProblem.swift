internal import Statistics

/// The methods of one problem, paired by seed.
public struct PairedProblem: Sendable {
  /// Two methods on the same seeds, or over the same problems.
  public struct Pair: Sendable {
    public let first: String
    public let second: String
    /// Pairs that are not equal: what the test is made of.
    public let differing: Int
    /// Wilcoxon's signed-rank test, two-sided.
    public let statistic: Double
    public let pValue: Double
    /// Adjusted by Holm for all pairs of the problem.
    public let adjustedPValue: Double
    /// The share of seeds on which the first is better, equals counting half.
    public let improvement: Double

    /// All pairs of some methods, given their costs by method and seed.
    static func all(_ methods: [String], _ costs: [[Double]]) -> [Pair] {
      let places = methods.indices.flatMap { i in methods.indices.filter { $0 > i }.map { (i, $0) }
      }
      let tests = places.map { wilcoxonSignedRank(costs[$0.0], costs[$0.1]) }
      let adjusted = holmAdjusted(tests.map(\.pValue))
      return places.indices.map { index in
        let (i, j) = places[index]
        let pairs = zip(costs[i], costs[j])
        let wins = Double(pairs.count { $0 < $1 }) + Double(pairs.count { $0 == $1 }) / 2
        return Pair(
          first: methods[i], second: methods[j], differing: pairs.count { $0 != $1 },
          statistic: tests[index].statistic, pValue: tests[index].pValue,
          adjustedPValue: adjusted[index], improvement: wins / Double(costs[i].count))
      }
    }
  }

  public let problem: String
  /// The methods that have runs.
  public let methods: [String]
  /// The seeds that all of them have.
  public let seeds: [String]
  /// The seeds that some lack.
  public let seedsLeftOut: [String]
  public let missing: [(problem: String, method: String, seeds: [String])]
  /// The mean over seeds of each method's rank, 1 for the best; empty without common seeds.
  public let meanRanks: [Double]
  /// Friedman's test over seeds; nil with one method or without common seeds.
  public let friedmanStatistic: Double?
  public let friedmanPValue: Double?
  public let pairs: [Pair]
  /// By method, then seed.
  let costs: [[Double]]

  init(
    _ problem: String, _ methods: [String], _ table: ResultTable,
    rows: (String) -> [ResultTable.Row]
  ) {
    self.problem = problem
    let all = methods.map { ($0, rows($0)) }.filter { !$0.1.isEmpty }
    self.methods = all.map(\.0)
    let seeds = all.flatMap { $0.1.map(\.seed) }.inOrderOfAppearance.sorted(by: Self.precedes)
    let owned = all.map { Set($0.1.map(\.seed)) }
    let common = seeds.filter { seed in owned.allSatisfy { $0.contains(seed) } }
    self.seeds = common
    seedsLeftOut = seeds.filter { !common.contains($0) }
    missing = zip(all, owned).compactMap { method, own in
      let absent = seeds.filter { !own.contains($0) }
      return absent.isEmpty ? nil : (problem, method.0, absent)
    }
    let costs = all.map { _, rows in
      let bySeed = Dictionary(rows.map { ($0.seed, table.cost($0)) }) { first, _ in first }
      return common.compactMap { bySeed[$0] }
    }
    self.costs = costs
    guard !common.isEmpty else {
      (meanRanks, pairs, friedmanStatistic, friedmanPValue) = ([], [], nil, nil)
      return
    }
    let bySeed = common.indices.map { seed in costs.map { $0[seed] } }
    meanRanks = Statistics.meanRanks(bySeed)
    let test = all.count > 1 ? friedman(bySeed) : nil
    friedmanStatistic = test?.statistic
    friedmanPValue = test?.pValue
    pairs = Pair.all(self.methods, costs)
  }

  /// Numbers in their order, before texts.
  private static func precedes(_ a: String, _ b: String) -> Bool {
    switch (Double(a), Double(b)) {
    case (let x?, let y?) where x != y: x < y
    case (.some, nil): true
    case (nil, .some): false
    default: a < b
    }
  }
}
