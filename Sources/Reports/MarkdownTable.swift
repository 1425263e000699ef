/// One column of a Markdown table: its title, what it means, and its text in each row.
struct MarkdownColumn<Row>: Sendable {
  let title: String
  /// What the column says, for the definitions at the report's end; nil where the title suffices.
  let definition: String?
  let isNumber: Bool
  let text: @Sendable (Row) -> String

  init(
    _ title: String, _ definition: String? = nil, isNumber: Bool = true,
    text: @escaping @Sendable (Row) -> String
  ) {
    self.title = title
    self.definition = definition
    self.isNumber = isNumber
    self.text = text
  }
}

/// A table of GitHub's Markdown, padded so that it can be read as plain text.
struct MarkdownTable {
  private(set) var titles: [String]
  private(set) var isNumber: [Bool]
  private(set) var rows: [[String]]
  /// Rows that were left out.
  private(set) var omitted = 0

  init<Row>(_ columns: [MarkdownColumn<Row>], _ rows: [Row], limit: Int = .max) {
    titles = columns.map(\.title)
    isNumber = columns.map(\.isNumber)
    self.rows = rows.prefix(limit).map { row in columns.map { $0.text(row) } }
    omitted = max(0, rows.count - limit)
  }

  /// The table, with a line that tells where omitted rows stand.
  func text(restIn file: String) -> String {
    let cells = ([titles] + rows).map { $0.map(Self.escaped) }
    let widths = titles.indices.map { column in
      cells.reduce(3) { max($0, $1[column].count) }
    }
    func line(_ row: [String]) -> String {
      let padded = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return isNumber[column] ? space + row[column] : row[column] + space
      }
      return "| " + padded.joined(separator: " | ") + " |\n"
    }
    let rule = widths.indices.map { column in
      let dashes = String(repeating: "-", count: widths[column] - 1)
      return isNumber[column] ? dashes + ":" : dashes + "-"
    }
    var text = line(cells[0]) + line(rule) + cells.dropFirst().map(line).joined()
    if omitted > 0 {
      text +=
        "\n\(NumberText.count(omitted, "more row")) in [\(file)](\(file)).\n"
    }
    return text
  }

  /// The table for a terminal: columns two spaces apart, without rules.
  var plainText: String {
    let cells = [titles] + rows
    let widths = titles.indices.map { column in cells.reduce(0) { max($0, $1[column].count) } }
    return cells.map { row in
      let padded = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return isNumber[column] ? space + row[column] : row[column] + space
      }
      return padded.joined(separator: "  ").trimmingSpaces + "\n"
    }.joined()
  }

  private static func escaped(_ cell: String) -> String {
    cell.replacing("|", with: "\\|").replacing("\n", with: " ")
  }
}
