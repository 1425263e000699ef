/// A closed interval with the confidence that its maker states.
public struct Interval: Sendable, Hashable {
  public let lower: Double
  public let upper: Double

  /// The interval from `lower` to `upper`, which is not smaller.
  public init(lower: Double, upper: Double) {
    precondition(lower <= upper, "no interval from \(lower) to \(upper)")
    self.lower = lower
    self.upper = upper
  }

  /// Whether `value` lies within the interval, bounds included.
  public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

/// Traps unless `confidence` is a probability strictly between 0 and 1.
func requireProbability(_ confidence: Double) {
  precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence) is not in (0, 1)")
}
