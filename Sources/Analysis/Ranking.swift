internal import Statistics

/// The methods of one problem in order, paired by seed.
public struct Ranking: Sendable {
  /// The seeds on which every ranked method has a run.
  public let seeds: [Int]
  /// By combined rank.
  public let methods: [RankedMethod]
  /// The methods left out because runs are missing.
  public let unranked: [Method]
  /// All pairs of ranked methods.
  public let pairs: [PairComparison]
  /// The method with the smallest mean convergence rank, the first among equals; nil with fewer than
  /// two methods or where every run failed.
  public let best: Method?
  /// Whether this many seeds can show any two of these methods to differ after the correction for
  /// all pairs.
  public let canSeparatePairs: Bool
  /// The most methods of which these seeds could separate every pair.
  public let separableMethods: Int
  /// The most methods that these seeds could show to differ from the best one.
  public let separableFromBest: Int

  init(_ table: SeedTable, _ options: AnalysisOptions) {
    seeds = table.seeds
    unranked = table.unranked
    pairs = PairComparison.all(in: table)
    let count = table.methods.count
    // The smallest p-value of the exact test: all n differences on one side.
    let smallest = Self.smallestPValue(seeds: table.seeds.count)
    separableFromBest = Int(min(options.significance / smallest, 1e6))
    separableMethods = Self.largestCount(pairs: separableFromBest)
    canSeparatePairs = count >= 2 && Double(pairs.count) * smallest <= options.significance

    let stabilities = table.stabilityRanks
    let ranks = zip(table.convergenceRanks, stabilities).map {
      CombinedRank(convergence: [$0], stability: [$1], options)
    }
    let byConvergence = ranks.indices.sorted {
      (ranks[$0].convergence.value, $0) < (ranks[$1].convergence.value, $1)
    }
    let isDecided = count >= 2 && table.scores.contains { $0.contains { $0.isFinite } }
    let reference = isDecided ? byConvergence.first : nil
    best = reference.map { table.methods[$0] }
    let againstBest = reference.map { Self.pValues(against: $0, in: table) }
    let groups = Self.groups(pairs, of: byConvergence, in: table, options)
    let improvements = Self.improvements(pairs, table.methods)
    let (places, order) = CombinedRank.places(ranks)
    methods = order.map { index in
      RankedMethod(
        method: table.methods[index], place: places[index], rank: ranks[index],
        isUndominated: ranks[index].isUndominated(among: ranks),
        probabilityOfImprovement: improvements[index], groups: groups[index],
        seedsBehindBest: reference.map { best in
          zip(table.scores[index], table.scores[best]).count { $0 > $1 }
        },
        pValueAgainstBest: againstBest?[index])
    }
  }

  private static func smallestPValue(seeds: Int) -> Double {
    (0..<max(seeds - 1, 0)).reduce(1.0) { p, _ in p / 2 }
  }

  /// The largest k with k(k − 1)/2 ≤ `pairs`, at least 1.
  private static func largestCount(pairs: Int) -> Int {
    var count = 1
    while (count + 1) * count / 2 <= pairs { count += 1 }
    return count
  }

  /// Wilcoxon's test of each method against the best, adjusted by Holm for these tests alone; nil
  /// for the best itself.
  private static func pValues(against best: Int, in table: SeedTable) -> [Double?] {
    let others = table.methods.indices.filter { $0 != best }
    let adjusted = holmAdjusted(
      others.map { wilcoxonSignedRank(table.scores[$0], table.scores[best]).pValue })
    var values = [Double?](repeating: nil, count: table.methods.count)
    for (index, value) in zip(others, adjusted) { values[index] = value }
    return values
  }

  private static func groups(
    _ pairs: [PairComparison], of order: [Int], in table: SeedTable, _ options: AnalysisOptions
  ) -> [String] {
    var different: Set<[Method]> = []
    for pair in pairs where pair.adjustedPValue <= options.significance {
      different.insert([pair.first, pair.second])
      different.insert([pair.second, pair.first])
    }
    let groups = indistinguishableGroups(count: order.count) { i, j in
      different.contains([table.methods[order[i]], table.methods[order[j]]])
    }
    var letters = [String](repeating: "", count: order.count)
    for (number, group) in groups.enumerated() {
      for position in group { letters[order[position]] += groupLetter(number) }
    }
    return letters
  }

  /// Each method's probability of improvement, averaged over the others.
  private static func improvements(_ pairs: [PairComparison], _ methods: [Method]) -> [Double?] {
    if methods.count < 2 { return methods.map { _ in nil } }
    var sums: [Method: Double] = [:]
    for pair in pairs {
      sums[pair.first, default: 0] += pair.probabilityOfImprovement
      sums[pair.second, default: 0] += 1 - pair.probabilityOfImprovement
    }
    return methods.map { sums[$0, default: 0] / Double(methods.count - 1) }
  }
}

/// One method's place in a ranking.
public struct RankedMethod: Sendable {
  public let method: Method
  /// 1 for the smallest combined rank; equals share a place.
  public let place: Int
  public let rank: CombinedRank
  /// Whether no other method is at least as good in convergence and stability and better in one.
  public let isUndominated: Bool
  /// How likely a run of this method has a smaller loss than one of another method, averaged over
  /// the others; nil without others.
  public let probabilityOfImprovement: Double?
  /// The letters of the groups that cannot be told apart by final loss (Wilcoxon over seeds, Holm
  /// over all pairs).
  public let groups: String
  /// Seeds on which the best method has the smaller loss; nil where there is no best.
  public let seedsBehindBest: Int?
  /// Wilcoxon's test of the final loss against the best method, Holm over these tests alone; nil for
  /// the best itself and where there is none.
  public let pValueAgainstBest: Double?
}
