/// Whether a mean difference exceeds a margin, or falls short of it: two one-sided tests.
///
/// With e = d − margin, one for each independent unit, the p-value of "exceeds" is the larger of two:
///
/// - the share of sign patterns in which Σ ±e is at least the observed Σ e: exact where e is distributed
///   symmetrically about its mean (Fisher, 1935);
/// - that of Johnson's t, `(ē + k₃/(6 s² n) + k₃ ē²/(3 s⁴)) / (s/√n)` with the third k-statistic k₃, which
///   corrects for skewness (Johnson, 1978): with a long tail against the claim few units often miss it, and
///   sign flips alone would then find what is not there in 14% instead of 5% of cases (ten units, an
///   exponential tail; with both 7%).
public struct MarginTest: Sendable {
  public let mean: Double
  /// s of the differences, with n − 1; 0 for a single one.
  public let deviation: Double
  /// Of "the mean is at most the margin".
  public let exceeding: Double
  /// Of "the mean is at least the margin".
  public let fallingShort: Double

  private let distance: Double
  private let units: Int

  /// - Parameters:
  ///   - differences: One for each unit, at least one, finite.
  ///   - seed: Of the random patterns, where there are too many units to try all.
  public init(differences: [Double], margin: Double, seed: UInt64 = 0) {
    precondition(!differences.isEmpty && differences.allSatisfy(\.isFinite), "\(differences)")
    precondition(margin.isFinite, "a margin of \(margin)")
    let n = Double(differences.count)
    let mean = differences.reduce(0, +) / n
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = differences.count > 1 ? (squares / (n - 1)).squareRoot() : 0
    self.mean = mean
    self.deviation = deviation
    distance = abs(mean - margin)
    units = differences.count
    let excess = differences.map { $0 - margin }
    exceeding = max(
      Self.signFlips(excess, seed), Self.johnson(excess, mean: mean - margin, deviation))
    let shortfall = excess.map { -$0 }
    fallingShort = max(
      Self.signFlips(shortfall, seed), Self.johnson(shortfall, mean: margin - mean, deviation))
  }

  /// The units with which it would show in four of five cases on which side of the margin the mean lies,
  /// if mean and spread stayed: the smallest n with `d √n / s ≥ F⁻¹(1 − α) + F⁻¹(0.8)`, where d = |mean −
  /// margin| and F is Student's distribution with n − 1 degrees of freedom, and 2⁻ⁿ ≤ α. nil above
  /// 10,000.
  ///
  /// - Parameter level: α.
  public func unitsNeeded(level: Double) -> Int? {
    func isEnough(_ n: Int) -> Bool {
      let freedom = Double(n - 1)
      let reach =
        studentQuantile(1 - level, degreesOfFreedom: freedom)
        + studentQuantile(0.8, degreesOfFreedom: freedom)
      return distance * Double(n).squareRoot() >= deviation * reach
        && SignFlipTest.smallestPValue(units: n) <= level
    }
    var (lower, upper) = (2, 10_000)
    // Less is the rounding of the mean.
    guard distance > 1e-12 * abs(mean), isEnough(upper) else { return nil }
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if isEnough(middle) { upper = middle } else { lower = middle }
    }
    return upper
  }

  private static func signFlips(_ values: [Double], _ seed: UInt64) -> Double {
    let size = values.reduce(0) { $0 + abs($1) }
    guard size > 0 else { return 1 }
    // Sums of the same numbers in another order differ in their last digits.
    let observed = values.reduce(0, +) - 1e-12 * size
    var patterns = SwapPatterns(units: values.count, seed: seed)
    var tried = 0
    var reaching = 0
    while let pattern = patterns.next() {
      var sum = 0.0
      for (value, isFlipped) in zip(values, pattern) { sum += isFlipped ? -value : value }
      tried += 1
      if sum >= observed { reaching += 1 }
    }
    return Double(reaching) / Double(tried)
  }

  private static func johnson(_ values: [Double], mean: Double, _ deviation: Double) -> Double {
    let n = Double(values.count)
    guard n > 2 else { return 1 }
    // Without any spread there is no skewness to correct for.
    guard deviation > 0 else { return mean > 0 ? 0 : 1 }
    let thirdMoment = values.reduce(0) { sum, value in
      let centred = (value - mean) / deviation
      return sum + centred * centred * centred
    }
    let skewness = n / ((n - 1) * (n - 2)) * thirdMoment
    let standardized = mean / deviation
    let t =
      (standardized + skewness / (6 * n) + skewness * standardized * standardized / 3)
      * n.squareRoot()
    return studentDistribution(-t, degreesOfFreedom: n - 1)
  }
}
