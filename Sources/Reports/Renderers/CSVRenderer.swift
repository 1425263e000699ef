extension ReportFormat {
  /// Every number of the tables with all its digits, one file per table; the times of the runs, which
  /// are others whenever they are made, in a file of their own.
  public static let csv = ReportFormat(
    name: "csv", summary: "one CSV file per table, numbers with all their digits"
  ) { report in
    (report.tables + [report.times]).filter { !$0.heads.isEmpty }.map { table in
      RenderedFile(name: "\(table.name).csv", contents: CSVRenderer.text(table))
    }
  }
}

/// Writes tables as CSV by RFC 4180: a header, commas, lines that end in CR LF; numbers with all their
/// digits and a point, whatever the locale.
enum CSVRenderer {
  static func text(_ table: Table) -> String {
    let heads = table.heads.filter { !$0.key.isEmpty }
    var text = line(heads.flatMap { head in head.parts.map { head.key + $0 } }.map(quoted))
    for row in 0..<table.count { text += line(heads.flatMap { $0.values(row) }.map(field)) }
    return text
  }

  private static func line(_ fields: [String]) -> String {
    fields.joined(separator: ",") + "\r\n"
  }

  private static func field(_ value: Value) -> String {
    switch value {
    case .none: ""
    case .text(let text): quoted(harmless(text))
    case .integer(let value): "\(value)"
    case .number(let value): NumberText.exact(value)
    case .boolean(let value): value ? "true" : "false"
    }
  }

  /// A text that a spreadsheet would take for a formula begins with an apostrophe, which spreadsheets
  /// do not show. Numbers are numbers.
  private static func harmless(_ text: String) -> String {
    guard let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first),
      Double(text) == nil
    else { return text }
    return "'" + text
  }

  private static func quoted(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else {
      return text
    }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
