/// A value in a CSV file.
enum CSVValue {
  /// Empty.
  case none
  case text(String)
  case integer(Int)
  case number(Double)
  case boolean(Bool)

  static func number(_ value: Double?) -> CSVValue { value.map { .number($0) } ?? .none }
  static func integer(_ value: Int?) -> CSVValue { value.map { .integer($0) } ?? .none }

  fileprivate var field: String {
    switch self {
    case .none: ""
    case .text(let text): Self.quoted(text)
    case .integer(let value): "\(value)"
    case .number(let value): NumberText.exact(value)
    case .boolean(let value): value ? "true" : "false"
    }
  }

  private static func quoted(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
      return text
    }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

/// One column of a CSV file.
struct CSVColumn<Row>: Sendable {
  let name: String
  let value: @Sendable (Row) -> CSVValue

  init(_ name: String, _ value: @escaping @Sendable (Row) -> CSVValue) {
    self.name = name
    self.value = value
  }
}

/// The text of a CSV file by RFC 4180: a header, commas, lines that end in CR LF; numbers with all
/// their digits and a point, whatever the locale.
func csv<Row>(_ columns: [CSVColumn<Row>], _ rows: [Row]) -> String {
  let lines = [columns.map(\.name)] + rows.map { row in columns.map { $0.value(row).field } }
  return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
}
