/// Whether one share exceeds another by more than a margin, without any assumption about how the two
/// depend on each other: at level α where the lower exact bound of the one, at α/2, lies by more than the
/// margin above the upper exact bound of the other (Clopper & Pearson, 1934, twice, with Bonferroni's
/// half each).
public struct ShareDifference: Sendable {
  public var difference: Double { first - second }
  /// Of "the difference is at most the margin".
  public let exceeding: Double
  /// Of "the difference is at least the margin".
  public let fallingShort: Double

  private let first: Double
  private let second: Double
  private let trials: Int
  private let margin: Double

  /// - Parameters:
  ///   - first: How often it was so in `trials`.
  ///   - second: The same of the other share.
  public init(_ first: Int, _ second: Int, of trials: Int, margin: Double) {
    precondition(trials > 0, "shares of nothing")
    self.first = Double(first) / Double(trials)
    self.second = Double(second) / Double(trials)
    self.trials = trials
    self.margin = margin
    exceeding = Self.pValue { level in
      let confidence = 1 - level
      return clopperPearson(successes: first, trials: trials, confidence: confidence).lower
        - clopperPearson(successes: second, trials: trials, confidence: confidence).upper > margin
    }
    fallingShort = Self.pValue { level in
      let confidence = 1 - level
      return clopperPearson(successes: first, trials: trials, confidence: confidence).upper
        - clopperPearson(successes: second, trials: trials, confidence: confidence).lower < margin
    }
  }

  /// About the trials with which either would show at `level` if both shares stayed; nil above 10,000.
  public func trialsNeeded(level: Double) -> Int? {
    var count = trials
    while count <= 10_000 {
      let test = ShareDifference(
        Int((first * Double(count)).rounded()), Int((second * Double(count)).rounded()),
        of: count, margin: margin)
      if min(test.exceeding, test.fallingShort) <= level { return count }
      count += max(1, count / 20)
    }
    return nil
  }

  /// The smallest level at which it shows, to a thousandth of it; 1 where none does.
  private static func pValue(_ shows: (Double) -> Bool) -> Double {
    var (lower, upper) = (1e-12, 0.999)
    guard shows(upper) else { return 1 }
    if shows(lower) { return lower }
    while upper > 1.001 * lower {
      let middle = (lower * upper).squareRoot()
      if shows(middle) { upper = middle } else { lower = middle }
    }
    return upper
  }
}
