internal import Statistics

/// What one method scored on one seed, and how the method's grid fared on that seed.
struct SeedResult: Sendable {
  var seed: Int
  /// The final loss at the rate in question; +∞ for a failed run.
  var score: Double
  /// The share of the grid's runs with this seed that failed.
  var failureShare: Double
}

/// Methods by seeds without holes: what a paired comparison needs.
struct SeedTable: Sendable {
  let methods: [Method]
  /// The methods that lack runs and are left out.
  let unranked: [Method]
  let seeds: [Int]
  /// By method, then seed.
  let scores: [[Double]]
  let failureShares: [[Double]]

  /// The largest complete block of methods by seeds: methods are taken by descending number of
  /// results, as many as make the block largest, and the most methods among equals. Without missing
  /// runs it is everything.
  init(_ results: [(method: Method, results: [SeedResult])]) {
    let order = results.indices.sorted { a, b in
      (results[b].results.count, a) < (results[a].results.count, b)
    }
    var chosen: [Int] = []
    var common: Set<Int> = []
    var best: (methods: [Int], seeds: Set<Int>) = ([], [])
    for index in order {
      let own = Set(results[index].results.map(\.seed))
      common = chosen.isEmpty ? own : common.intersection(own)
      chosen.append(index)
      if !common.isEmpty, chosen.count * common.count >= best.methods.count * best.seeds.count {
        best = (chosen, common)
      }
    }
    let kept = best.methods.sorted()
    let block = kept.map { index in
      results[index].results.filter { best.seeds.contains($0.seed) }.sorted { $0.seed < $1.seed }
    }
    methods = kept.map { results[$0].method }
    unranked = results.indices.filter { !kept.contains($0) }.map { results[$0].method }
    seeds = best.seeds.sorted()
    scores = block.map { $0.map(\.score) }
    failureShares = block.map { $0.map(\.failureShare) }
  }

  private init(
    methods: [Method], unranked: [Method], seeds: [Int], scores: [[Double]],
    failureShares: [[Double]]
  ) {
    self.methods = methods
    self.unranked = unranked
    self.seeds = seeds
    self.scores = scores
    self.failureShares = failureShares
  }

  /// The same table with only `subset` of its methods.
  func restricted(to subset: [Method]) -> SeedTable {
    let kept = methods.indices.filter { subset.contains(methods[$0]) }
    return SeedTable(
      methods: kept.map { methods[$0] }, unranked: unranked, seeds: seeds,
      scores: kept.map { scores[$0] }, failureShares: kept.map { failureShares[$0] })
  }

  /// Per method and seed, the rank of the score among the methods; 1 is best.
  var convergenceRanks: [[Double]] { Self.ranks(scores) }

  /// Per method and seed, the rank of the failure share among the methods; 1 is best.
  var stabilityRanks: [[Double]] { Self.ranks(failureShares) }

  private static func ranks(_ values: [[Double]]) -> [[Double]] {
    guard let first = values.first else { return [] }
    var ranks = values
    for seed in first.indices {
      for (method, rank) in midranks(values.map { $0[seed] }).enumerated() {
        ranks[method][seed] = rank
      }
    }
    return ranks
  }
}
