/// Rows under columns, whatever the rows are.
public struct Table: Sendable {
  /// A column with the rows of its table.
  public struct Head: Sendable {
    public let key: String
    public let parts: [String]
    public let title: String
    public let definition: Prose?
    public let isNumber: Bool
    /// The values in the row at an index, one for each of `parts`.
    public let values: @Sendable (Int) -> [Value]
    public let shown: @Sendable (Int) -> Prose
  }

  /// The name of the table with all rows and digits: of the CSV file, and in JSON.
  public let name: String
  public let heads: [Head]
  public let count: Int
  /// The most rows for people.
  public let limit: Int

  init<Row: Sendable>(
    _ name: String, _ columns: [Column<Row>], _ rows: [Row], limit: Int = .max
  ) {
    self.name = name
    self.limit = limit
    count = rows.count
    heads = columns.map { column in
      Head(
        key: column.key, parts: column.parts, title: column.title, definition: column.definition,
        isNumber: column.isNumber, values: { column.values(rows[$0]) },
        shown: { column.shown(rows[$0]) })
    }
  }
}
