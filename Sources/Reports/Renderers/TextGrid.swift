/// A table's cells as text, with the width of each column.
struct TextGrid {
  let titles: [String]
  let isNumber: [Bool]
  let rows: [[String]]
  let widths: [Int]

  init(_ table: Table, limit: Int = .max, _ text: (Prose) -> String) {
    let heads = table.heads.filter { !$0.title.isEmpty }
    titles = heads.map { text(Prose($0.title)) }
    isNumber = heads.map(\.isNumber)
    rows = (0..<min(table.count, limit)).map { row in heads.map { text($0.shown(row)) } }
    let cells = [titles] + rows
    widths = titles.indices.map { column in cells.reduce(0) { max($0, $1[column].count) } }
  }

  /// The cells of a row, numbers to the right and texts to the left.
  func padded(_ row: [String], to widths: [Int]) -> [String] {
    row.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - row[column].count)
      return isNumber[column] ? space + row[column] : row[column] + space
    }
  }
}

extension Table {
  /// The table for a terminal: columns two spaces apart, without rules.
  var plainText: String {
    let grid = TextGrid(self) { $0.plain }
    return ([grid.titles] + grid.rows).map { row in
      grid.padded(row, to: grid.widths).joined(separator: "  ").trimmingSpaces + "\n"
    }.joined()
  }
}
