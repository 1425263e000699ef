/// The numbers that a setting allows; NaN and −∞ are never among them, +∞ only where said so.
public struct NumberRange: Sendable, Hashable, CustomStringConvertible {
  public let lower: Double?
  public let includesLower: Bool
  public let upper: Double?
  public let includesUpper: Bool
  /// Whether `.inf` is allowed, such as for the order of a norm.
  public let includesInfinity: Bool

  public init(
    lower: Double? = nil, includesLower: Bool = true, upper: Double? = nil,
    includesUpper: Bool = true, includesInfinity: Bool = false
  ) {
    self.lower = lower
    self.includesLower = includesLower
    self.upper = upper
    self.includesUpper = includesUpper
    self.includesInfinity = includesInfinity
  }

  /// Every finite number.
  public static let any = NumberRange()
  /// x > 0.
  public static let positive = NumberRange(lower: 0, includesLower: false)
  /// x ≥ 0.
  public static let nonnegative = NumberRange(lower: 0)
  /// 0 ≤ x < 1: decay rates.
  public static let fraction = NumberRange(lower: 0, upper: 1, includesUpper: false)
  /// 0 ≤ x ≤ 1.
  public static let unit = NumberRange(lower: 0, upper: 1)

  /// Whether `value` is finite and within the bounds, or +∞ where that is allowed.
  public func contains(_ value: Double) -> Bool {
    if value == .infinity { return includesInfinity }
    guard value.isFinite else { return false }
    if let lower, value < lower || (value == lower && !includesLower) { return false }
    if let upper, value > upper || (value == upper && !includesUpper) { return false }
    return true
  }

  public var description: String { bounds + (includesInfinity ? ", or .inf" : "") }

  private var bounds: String {
    switch (lower, upper) {
    case (nil, nil): "any finite number"
    case (let lower?, nil): "a finite number \(includesLower ? "≥" : ">") \(numberLabel(lower))"
    case (nil, let upper?): "a finite number \(includesUpper ? "≤" : "<") \(numberLabel(upper))"
    case (let lower?, let upper?):
      "a number from \(numberLabel(lower))\(includesLower ? "" : " (excluded)")"
        + " to \(numberLabel(upper))\(includesUpper ? "" : " (excluded)")"
    }
  }
}
