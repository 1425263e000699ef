/// Tests of several paired differences at once: which of them are real, when so many are looked at.
///
/// The differences of one unit (a seed) share what the unit draws, so a swap of its pair is made for
/// the unit in all hypotheses at once. With `t = |mean(d)| / √(mean(d²))`, whose denominator no swap
/// changes, the adjusted p-value of a hypothesis is the share of swap patterns in which the largest
/// `t` of all hypotheses not yet rejected is at least its own: max-T by step-down (Westfall & Young,
/// 1993; Romano & Wolf, 2005). The probability of any false rejection stays below the level at which
/// the adjusted values are read where each pair is exchangeable under its hypothesis; up to 14 units
/// all patterns are tried, above that many random ones with the one observed.
public struct SimultaneousSignFlips: Sendable {
  /// The adjusted p-value of each hypothesis, two-sided; 1 where all differences are 0.
  public let pValues: [Double]
  /// The mean difference of each hypothesis.
  public let means: [Double]

  /// - Parameters:
  ///   - differences: By hypothesis, then unit: finite, the same positive number of units everywhere.
  ///   - seed: Of the random patterns.
  public init(differences: [[Double]], seed: UInt64 = 0) {
    let units = differences.first?.count ?? 0
    for row in differences {
      precondition(row.count == units && units > 0, "\(row.count) units beside \(units)")
      precondition(row.allSatisfy(\.isFinite), "a difference that is not finite")
    }
    means = differences.map { row in
      let largest = row.reduce(0) { max($0, abs($1)) }
      return largest == 0 ? 0 : row.reduce(0) { $0 + $1 / largest } / Double(units) * largest
    }
    let scaled = differences.map(Self.scaled)
    let observed = scaled.map { abs($0.reduce(0, +)) }
    // By falling t, so that the maximum over what is not yet rejected is a running one from the end.
    let order = scaled.indices.sorted { (-observed[$0], $0) < (-observed[$1], $1) }
    var exceeding = [Int](repeating: 0, count: order.count)
    var patterns = SwapPatterns(units: units, seed: seed)
    var tried = 0
    while let pattern = order.isEmpty ? nil : patterns.next() {
      tried += 1
      let signs = pattern.map { $0 ? -1.0 : 1.0 }
      var largest = 0.0
      for position in order.indices.reversed() {
        let row = scaled[order[position]]
        var sum = 0.0
        for unit in 0..<units { sum += signs[unit] * row[unit] }
        largest = max(largest, abs(sum))
        // Sums of the same numbers in another order differ in their last digits.
        if largest >= observed[order[position]] * (1 - 1e-12) { exceeding[position] += 1 }
      }
    }
    var adjusted = [Double](repeating: 1, count: order.count)
    var last = 0.0
    for (position, index) in order.enumerated() where observed[index] > 0 {
      last = max(last, Double(exceeding[position]) / Double(tried))
      adjusted[index] = last
    }
    pValues = adjusted
  }

  /// d over `n √(mean(d²))`: the sum is the signed t; zeros where all are 0.
  private static func scaled(_ row: [Double]) -> [Double] {
    // Divided first, so that no square leaves the range.
    let largest = row.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return row }
    let units = Double(row.count)
    let meanSquare = row.reduce(0) { $0 + ($1 / largest) * ($1 / largest) } / units
    let scale = units * meanSquare.squareRoot()
    return row.map { $0 / largest / scale }
  }
}
