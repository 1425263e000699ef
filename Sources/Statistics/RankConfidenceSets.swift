/// The ranks that the data do not rule out: for each of several methods, a set that holds its true
/// rank, all of them together with the stated confidence.
///
/// A method's lowest possible rank is one more than the number of methods that are better than it
/// beyond doubt, its highest the number of methods less those that are worse beyond doubt, every pair
/// judged by `SimultaneousSignFlips` (Mogstad, Romano, Shaikh & Wilhelm, 2024).
public struct RankConfidenceSets: Sendable {
  /// The ranks of each method, 1 the lowest cost.
  public let ranks: [ClosedRange<Int>]
  /// `pValues[i][j]`: of the pair i, j, adjusted over all pairs; 1 on the diagonal.
  public let pValues: [[Double]]

  /// - Parameters:
  ///   - costs: By method, then unit: finite, paired by unit.
  ///   - significance: One minus the confidence, strictly between 0 and 1.
  public init(costs: [[Double]], significance: Double = 0.05, seed: UInt64 = 0) {
    requireProbability(significance)
    let count = costs.count
    var pairs: [(Int, Int)] = []
    for first in 0..<count {
      for second in (first + 1)..<max(count, first + 1) { pairs.append((first, second)) }
    }
    let tests = SimultaneousSignFlips(
      differences: pairs.map { pair in zip(costs[pair.0], costs[pair.1]).map { $0 - $1 } },
      seed: seed)
    var pValues = [[Double]](repeating: [Double](repeating: 1, count: count), count: count)
    var better = [Int](repeating: 0, count: count)
    var worse = better
    for (index, (first, second)) in pairs.enumerated() {
      pValues[first][second] = tests.pValues[index]
      pValues[second][first] = tests.pValues[index]
      guard tests.pValues[index] <= significance else { continue }
      let isFirstLower = tests.means[index] < 0
      better[isFirstLower ? second : first] += 1
      worse[isFirstLower ? first : second] += 1
    }
    self.pValues = pValues
    ranks = (0..<count).map { (1 + better[$0])...(count - worse[$0]) }
  }
}
