internal import Tensors

/// The outcome of a test on ranks.
public struct RankTest: Sendable, Hashable {
  public let statistic: Double
  /// The probability of a statistic at least as extreme if nothing differs.
  public let pValue: Double

  public init(statistic: Double, pValue: Double) {
    self.statistic = statistic
    self.pValue = pValue
  }
}

/// Wilcoxon's signed-rank test of paired samples, two-sided (Wilcoxon, 1945).
///
/// Differences of zero are dropped, +∞ against +∞ among them; the others are ranked by size with
/// midranks, and the statistic is the smaller of the two signed rank sums. A difference with +∞ is
/// the largest and ties with other such differences. Up to fifty differences the p-value is exact,
/// with ties as well: the distribution of the rank sum over all 2ⁿ signs given these ranks. Above,
/// it is the normal approximation with tie correction, without continuity correction, as SciPy's.
/// Without any difference the p-value is 1.
///
/// - Parameters:
///   - x: One cost per pair; NaN and −∞ trap.
///   - y: As many costs, in the same order.
public func wilcoxonSignedRank(_ x: [Double], _ y: [Double]) -> RankTest {
  precondition(x.count == y.count, "\(x.count) values paired with \(y.count)")
  if x.isEmpty { return RankTest(statistic: 0, pValue: 1) }
  requireCosts(x)
  requireCosts(y)
  // Equal infinities have no difference in floating point, but they are equal.
  let differences = zip(x, y).filter { $0 != $1 }.map { $0 - $1 }
  let ranks = midranks(differences.map(abs))
  let positive = zip(differences, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
  let statistic = min(positive, ranks.reduce(0, +) - positive)
  let pValue =
    differences.count <= 50
    ? exactSignedRankProbability(statistic, ranks: ranks)
    : approximateSignedRankProbability(statistic, ranks: ranks)
  return RankTest(statistic: statistic, pValue: pValue)
}

/// 2 P(T ≤ statistic), at most 1, over all signs of the given midranks.
private func exactSignedRankProbability(_ statistic: Double, ranks: [Double]) -> Double {
  // Midranks are multiples of ½, so twice their sums are integers.
  let weights = ranks.map { Int(2 * $0) }
  var probabilities = [Double](repeating: 0, count: weights.reduce(0, +) + 1)
  probabilities[0] = 1
  var reached = 0
  for weight in weights {
    reached += weight
    for sum in stride(from: reached, through: 0, by: -1) {
      let shifted = sum >= weight ? probabilities[sum - weight] : 0
      probabilities[sum] = (probabilities[sum] + shifted) / 2
    }
  }
  return min(2 * probabilities[...Int(2 * statistic)].reduce(0, +), 1)
}

/// The same by the normal approximation.
private func approximateSignedRankProbability(_ statistic: Double, ranks: [Double]) -> Double {
  let n = Double(ranks.count)
  let ties = tieSizes(ranks).reduce(0.0) { $0 + Double($1 * $1 * $1 - $1) }
  let variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48
  let z = (statistic - n * (n + 1) / 4) / variance.squareRoot()
  return min(complementaryErrorFunction(abs(z) / 2.0.squareRoot()), 1)
}
