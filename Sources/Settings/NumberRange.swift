/// The numbers that a setting allows; NaN and the infinities are never among them.
public struct NumberRange: Sendable, Hashable, CustomStringConvertible {
  public let lower: Double?
  public let includesLower: Bool
  public let upper: Double?
  public let includesUpper: Bool

  public init(
    lower: Double? = nil, includesLower: Bool = true, upper: Double? = nil,
    includesUpper: Bool = true
  ) {
    self.lower = lower
    self.includesLower = includesLower
    self.upper = upper
    self.includesUpper = includesUpper
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

  /// Whether `value` is finite and within the bounds.
  public func contains(_ value: Double) -> Bool {
    guard value.isFinite else { return false }
    if let lower, value < lower || (value == lower && !includesLower) { return false }
    if let upper, value > upper || (value == upper && !includesUpper) { return false }
    return true
  }

  public var description: String {
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
