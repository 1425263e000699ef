/// The value of a setting or a hyperparameter.
public enum SettingValue: Sendable, Hashable {
  /// Switched off or not given (`null` in YAML).
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case numbers([Double])
  /// An entry of a catalog with options of its own.
  case entry(NestedChoice)
  /// Entries of a catalog in their order.
  case entries([NestedChoice])

  /// The value as JSON: shortest round-trip numbers.
  public var json: String {
    switch self {
    case .none: "null"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value): jsonNumber(value)
    case .text(let value): jsonText(value)
    case .numbers(let values): "[" + values.map(jsonNumber).joined(separator: ",") + "]"
    case .entry(let choice): choice.json
    case .entries(let choices): "[" + choices.map(\.json).joined(separator: ",") + "]"
    }
  }

  /// The value as it appears in a label or a table, such as `0.9` or `0.9,0.999`.
  public var label: String {
    switch self {
    case .none: "none"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value): numberLabel(value)
    case .text(let value): value
    case .numbers(let values): values.map(numberLabel).joined(separator: ",")
    case .entry(let choice): choice.label
    case .entries(let choices): "[" + choices.map(\.label).joined(separator: ", ") + "]"
    }
  }

  /// The value as a number, if it is one; booleans are 0 and 1.
  public var asNumber: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .boolean(let value): value ? 1 : 0
    default: nil
    }
  }
}

/// A number as people write it: `1`, `0.001`, `1e-05`.
public func numberLabel(_ value: Double) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// A number in JSON; the non-finite ones, which JSON lacks, as texts.
public func jsonNumber(_ value: Double) -> String {
  if value.isNaN { return "\"nan\"" }
  if value.isInfinite { return value > 0 ? "\"inf\"" : "\"-inf\"" }
  return numberLabel(value)
}

/// A number in JSON, with as many digits as tell it from every other `Float`.
public func jsonNumber(_ value: Float) -> String {
  guard value.isFinite else { return jsonNumber(Double(value)) }
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// A text in JSON, quoted and escaped.
public func jsonText(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case let control where control.value < 0x20:
      let digits = String(control.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
