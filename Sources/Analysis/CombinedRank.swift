/// A method's mean ranks: by convergence, by stability, and half and half.
///
/// Per seed the methods are ranked twice: by the final loss at the chosen learning rate, and by the
/// share of the learning-rate grid at which the seed's run failed; 1 is best, equals share. The
/// combined rank is the mean of the two. Ranks have no unit, so that neither loss nor rate outweighs
/// the other by its scale, and a failed run cannot do worse than last.
public struct CombinedRank: Sendable {
  public let convergence: Estimate
  public let stability: Estimate
  public let combined: Estimate

  /// - Parameters: Ranks by stratum (problem), then seed.
  init(convergence: [[Double]], stability: [[Double]], _ options: AnalysisOptions) {
    self.convergence = Estimate(meanOfMeans: convergence, options)
    self.stability = Estimate(meanOfMeans: stability, options)
    let both = zip(convergence, stability).map { zip($0, $1).map { ($0 + $1) / 2 } }
    combined = Estimate(meanOfMeans: both, options)
  }

  /// Whether no other of `all` is at least as good in both parts and better in one.
  func isUndominated(among all: [CombinedRank]) -> Bool {
    !all.contains { other in
      other.convergence.value <= convergence.value && other.stability.value <= stability.value
        && (other.convergence.value < convergence.value
          || other.stability.value < stability.value)
    }
  }

  /// 1 and the number of `all` that are better, and the order in which to list them.
  static func places(_ all: [CombinedRank]) -> (places: [Int], order: [Int]) {
    let places = all.map { own in 1 + all.count { $0.combined.value < own.combined.value } }
    let order = all.indices.sorted { a, b in
      (places[a], all[a].convergence.value, a) < (places[b], all[b].convergence.value, b)
    }
    return (places, order)
  }
}
