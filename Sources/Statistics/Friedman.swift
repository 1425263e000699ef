/// Friedman's test whether methods rank alike over problems (Friedman, 1937), with correction for
/// ties.
///
/// χ² = (12 / (nk(k+1)) Σⱼ Rⱼ² − 3n(k+1)) / c over `n` problems and `k` methods with rank sums Rⱼ;
/// c = 1 − Σ(t³ − t)/(nk(k² − 1)) over groups of `t` ties. The p-value is the chi-squared
/// approximation with k − 1 degrees of freedom, good from about ten problems up. Where all methods
/// tie on all problems the p-value is 1.
///
/// - Parameter costs: One row per problem with one cost per method; at least two methods. +∞ ties
///   with +∞; NaN and −∞ trap.
public func friedman(_ costs: [[Double]]) -> RankTest {
  let methods = requireTable(costs)
  precondition(methods >= 2, "Friedman's test of \(methods) method")
  let n = Double(costs.count)
  let k = Double(methods)
  var ties = 0.0
  for row in costs {
    ties += tieSizes(midranks(row)).reduce(0.0) { $0 + Double($1 * $1 * $1 - $1) }
  }
  let correction = 1 - ties / (n * k * (k * k - 1))
  guard correction > 0 else { return RankTest(statistic: 0, pValue: 1) }
  // Around the mean rank, where the textbook's difference of large sums would cancel.
  let spread = meanRanks(costs).reduce(0) { $0 + ($1 - (k + 1) / 2) * ($1 - (k + 1) / 2) }
  let statistic = 12 * n / (k * (k + 1)) * spread / correction
  return RankTest(
    statistic: statistic,
    pValue: chiSquaredSurvival(statistic, degreesOfFreedom: methods - 1))
}

/// The difference in mean rank from which two of `methods` differ by Nemenyi's test over `problems`
/// problems: q_α √(k(k+1)/(6n)), q_α the studentized range's critical value over √2 (Demšar, 2006).
public func nemenyiCriticalDifference(
  methods: Int, problems: Int, alpha: Double = 0.05
) -> Double {
  precondition(problems > 0, "a critical difference over \(problems) problems")
  let k = Double(methods)
  let q = studentizedRangeCriticalValue(groups: methods, alpha: alpha) / 2.0.squareRoot()
  return q * (k * (k + 1) / (6 * Double(problems))).squareRoot()
}
