internal import Foundation

/// Numbers as text, for every report: independent of the locale, the same on every machine.
package enum NumberText {
  /// What stands for a value that does not exist.
  package static let none = "–"

  /// All digits: the shortest decimal that reads back as the same number; `inf`, `-inf`, `nan`.
  package static func exact(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// `digits` digits after the point.
  package static func fixed(_ value: Double, digits: Int) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value > 0 ? "∞" : "−∞" }
    let text = String(format: "%.*f", digits, value)
    // −0.00 would claim a sign that the digits do not show.
    return text.contains { "123456789".contains($0) } ? text : text.replacing("-", with: "")
  }

  /// `digits` significant digits; as `1.23e-7` outside 10⁻⁴ … 10⁶.
  package static func significant(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : fixed(value, digits: 0) }
    // The exponent after rounding: 9.996 has one digit more before the point than it seems.
    let rounded = String(format: "%.*e", digits - 1, value).split(separator: "e")
    guard let exponent = rounded.last.flatMap({ Int($0) }) else { return exact(value) }
    if exponent < -4 || exponent >= 6 { return "\(rounded[0])e\(exponent)" }
    return fixed(value, digits: max(0, digits - 1 - exponent))
  }

  /// A learning rate: three significant digits without trailing zeros.
  package static func rate(_ value: Double) -> String {
    if value.isNaN { return "unknown" }
    let text = significant(value)
    let parts = text.split(separator: "e")
    guard let mantissa = parts.first, mantissa.contains(".") else { return text }
    var digits = mantissa
    while digits.last == "0" { digits.removeLast() }
    if digits.last == "." { digits.removeLast() }
    return parts.count > 1 ? "\(digits)e\(parts[1])" : String(digits)
  }

  /// A share as a percentage, with a digit after the point below ten.
  package static func percent(_ share: Double) -> String {
    let value = 100 * share
    let digits = value == 0 || value.rounded() >= 10 ? 0 : 1
    return fixed(value, digits: digits) + "%"
  }

  /// A count with its noun: `1 run`, `1,440 runs`.
  package static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// A count with its thousands set off: `1,440`.
  package static func grouped(_ number: Int) -> String {
    var text = ""
    for (position, digit) in String(abs(number)).reversed().enumerated() {
      if position > 0, position % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (number < 0 ? "-" : "") + String(text.reversed())
  }
}

extension Optional {
  /// The text of the value, or the sign for none.
  func text(_ format: (Wrapped) -> String) -> String { map(format) ?? NumberText.none }
}
