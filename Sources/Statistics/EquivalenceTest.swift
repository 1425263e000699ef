/// Whether a mean difference is too small to matter, by two one-sided t-tests (Schuirmann, 1987).
///
/// The differences are equivalent to zero at level α where their 1 − 2α interval lies within
/// (−margin, margin). A test that finds no difference does not show this: it may have had too few
/// units.
public struct EquivalenceTest: Sendable {
  public let mean: Double
  /// The 1 − 2α interval of the mean; nil with fewer than two units.
  public let interval: Interval?
  /// The larger of the two one-sided p-values; 1 with fewer than two units.
  public let pValue: Double
  public let isEquivalent: Bool
  /// The units with which it would show in four of five cases on which side of the margin the mean
  /// lies, if mean and spread stayed as they are: the smallest n with
  /// `2 F(d √n / s − F⁻¹(1 − α)) − 1 ≥ 0.8`, where d = |margin − |mean||, and F is Student's
  /// distribution with n − 1 degrees of freedom (Julious, 2004, with the central distribution). nil
  /// above 10,000 and where the spread is unknown.
  public let unitsNeeded: Int?

  /// - Parameters:
  ///   - differences: One per independent unit, at least one, finite.
  ///   - margin: The smallest difference that matters, positive.
  ///   - significance: α, below ½.
  public init(differences: [Double], margin: Double, significance: Double) {
    precondition(!differences.isEmpty && differences.allSatisfy(\.isFinite), "\(differences)")
    precondition(margin > 0, "a margin of \(margin)")
    precondition(significance > 0 && significance < 0.5, "a level of \(significance)")
    let n = Double(differences.count)
    let mean = differences.reduce(0, +) / n
    self.mean = mean
    guard differences.count > 1 else {
      interval = nil
      pValue = 1
      isEquivalent = false
      unitsNeeded = nil
      return
    }
    let sumOfSquares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (sumOfSquares / (n - 1)).squareRoot()
    let error = deviation / n.squareRoot()
    let reach = studentQuantile(1 - significance, degreesOfFreedom: n - 1) * error
    interval = Interval(lower: mean - reach, upper: mean + reach)
    let distance = margin - abs(mean)
    pValue =
      error == 0
      ? (distance > 0 ? 0 : 1) : 1 - studentDistribution(distance / error, degreesOfFreedom: n - 1)
    isEquivalent = pValue <= significance
    unitsNeeded = Self.unitsNeeded(
      deviation: deviation, distance: abs(distance), significance: significance)
  }

  private static func unitsNeeded(
    deviation: Double, distance: Double, significance: Double
  ) -> Int? {
    func power(_ n: Int) -> Double {
      let freedom = Double(n - 1)
      let excess =
        distance * Double(n).squareRoot() / deviation
        - studentQuantile(1 - significance, degreesOfFreedom: freedom)
      return 2 * studentDistribution(excess, degreesOfFreedom: freedom) - 1
    }
    if deviation == 0 { return 2 }
    let limit = 10_000
    guard power(limit) >= 0.8 else { return nil }
    var lower = 1
    var upper = limit
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if power(middle) >= 0.8 { upper = middle } else { lower = middle }
    }
    return upper
  }
}
