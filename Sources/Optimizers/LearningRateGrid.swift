public import Settings
internal import Tensors

/// The learning rates to try, in the order of trials.
///
/// A file writes a number, a list of numbers, or `{from: 1.0e-4, to: 1.0, points: 9}`: `points`
/// rates at equal ratios, both ends included. Rates between the ends are rounded to six significant
/// digits, so that a decade grid holds 0.001 and not 0.0010000000000000002; numbers that the file
/// gives are kept as they are.
public struct LearningRateGrid: Sendable, Hashable {
  public let values: [Double]

  /// The keys of a grid in an experiment file.
  package static let keys = ["from", "to", "points"]

  /// The most points of a grid.
  public static let mostPoints = 1000

  /// The given rates; positive, finite and different from one another.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "a grid needs a learning rate")
    self.values = values
  }

  /// The grid at a place of a file.
  public static func read(_ setting: Setting) throws(SettingsError) -> LearningRateGrid {
    let values: [Double]
    if setting.isMapping {
      values = try readLogarithmic(setting)
    } else if setting.isSequence {
      values = try readList(setting)
    } else {
      values = [try setting.number(in: .positive)]
    }
    return LearningRateGrid(values)
  }

  private static func readList(_ setting: Setting) throws(SettingsError) -> [Double] {
    var mistakes = Mistakes()
    var values: [Double] = []
    for element in try setting.elements() {
      guard let value = mistakes.attempt(try element.number(in: .positive)) else { continue }
      if values.contains(value) {
        mistakes.note(
          element.error("the learning rate \(numberLabel(value)) is given twice; keep one"))
      }
      values.append(value)
    }
    try mistakes.check()
    guard !values.isEmpty else {
      throw setting.error("the list is empty; give at least one learning rate")
    }
    return values
  }

  private static func readLogarithmic(_ setting: Setting) throws(SettingsError) -> [Double] {
    let mapping = try setting.mapping(
      allowed: keys, synonyms: .gridKeys)
    let from = try mapping.required("from").number(in: .positive)
    let to = try mapping.required("to").number(in: .positive)
    let pointsSetting = try mapping.required("points")
    let points = try pointsSetting.integer(in: 1...mostPoints)
    guard from <= to else {
      throw setting.error(
        "from \(numberLabel(from)) exceeds to \(numberLabel(to)); exchange the two")
    }
    guard (points == 1) == (from == to) else {
      throw pointsSetting.error(
        from == to
          ? "\(points) points between equal ends; write points: 1 or different ends"
          : "one point cannot be both \(numberLabel(from)) and \(numberLabel(to)); "
            + "write at least 2 points, or a single number")
    }
    let values = (0..<points).map { index in
      if index == 0 { return from }
      if index == points - 1 { return to }
      let share = Double(index) / Double(points - 1)
      return roundedToSixDigits(
        exponential(logarithm(from) * (1 - share) + logarithm(to) * share))
    }
    guard zip(values, values.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw pointsSetting.error(
        "\(points) points from \(numberLabel(from)) to \(numberLabel(to)) lie closer than six "
          + "significant digits; give fewer points")
    }
    return values
  }

  /// The double nearest to the decimal number with six significant digits nearest to `value`.
  package static func roundedToSixDigits(_ value: Double) -> Double {
    rounded(value, toSignificantDigits: 6)
  }
}
