internal import Statistics

/// Two methods on the same seeds, by the final loss.
public struct PairComparison: Sendable {
  public let first: Method
  public let second: Method
  /// Seeds on which the first has the smaller loss.
  public let wins: Int
  /// Seeds on which both have the same loss or both failed.
  public let ties: Int
  public let losses: Int
  /// How likely a run of the first has a smaller loss than one of the second (½: neither).
  public let probabilityOfImprovement: Double
  /// Wilcoxon's signed-rank test over seeds, two-sided.
  public let pValue: Double
  /// The same, adjusted by Holm for all pairs of the problem.
  public let adjustedPValue: Double

  /// All pairs, in the order of `table.methods`.
  static func all(in table: SeedTable) -> [PairComparison] {
    let indices = table.methods.indices
    let pairs = indices.flatMap { i in indices.filter { $0 > i }.map { (i, $0) } }
    let pValues = pairs.map { wilcoxonSignedRank(table.scores[$0.0], table.scores[$0.1]).pValue }
    return zip(pairs, zip(pValues, holmAdjusted(pValues))).map { pair, values in
      PairComparison(table, pair.0, pair.1, pValue: values.0, adjustedPValue: values.1)
    }
  }

  private init(
    _ table: SeedTable, _ i: Int, _ j: Int, pValue: Double, adjustedPValue: Double
  ) {
    let scores = Array(zip(table.scores[i], table.scores[j]))
    first = table.methods[i]
    second = table.methods[j]
    wins = scores.count { $0.0 < $0.1 }
    ties = scores.count { $0.0 == $0.1 }
    losses = scores.count - wins - ties
    probabilityOfImprovement = Statistics.probabilityOfImprovement(
      table.scores[i], table.scores[j])
    self.pValue = pValue
    self.adjustedPValue = adjustedPValue
  }
}
