internal import Analysis

/// A value as programs read it, with all its digits.
public enum Value: Sendable, Equatable {
  case none
  case text(String)
  case integer(Int)
  case number(Double)
  case boolean(Bool)
}

/// A quantity of a table's rows, defined once for people and programs: what it is called, what it
/// says, and its value in a row. Renderers differ only in how they write it.
public struct Column<Row>: Sendable {
  /// The name for programs; empty for a column that only people see.
  let key: String
  /// What follows the key in the names of its values: nothing, or bounds too.
  let parts: [String]
  /// The name for people; empty for a column that only programs see.
  private(set) var title: String
  /// What the column says; nil where the title suffices.
  private(set) var definition: Prose?
  /// Whether cells stand to the right.
  private(set) var isNumber: Bool
  let values: @Sendable (Row) -> [Value]
  private(set) var shown: @Sendable (Row) -> Prose

  private init(
    _ key: String, _ title: String, _ definition: Prose?, isNumber: Bool = true,
    parts: [String] = [""], values: @escaping @Sendable (Row) -> [Value],
    shown: @escaping @Sendable (Row) -> Prose
  ) {
    self.key = key
    self.parts = parts
    self.title = title
    self.definition = definition
    self.isNumber = isNumber
    self.values = values
    self.shown = shown
  }

  /// A column for people alone, whose values other columns have.
  init(
    _ title: String, _ definition: Prose? = nil, isNumber: Bool = true,
    shown: @escaping @Sendable (Row) -> Prose
  ) {
    self.init(
      "", title, definition, isNumber: isNumber, parts: [], values: { _ in [] }, shown: shown)
  }

  static func text(
    _ key: String, _ title: String = "", _ definition: Prose? = nil,
    _ value: @escaping @Sendable (Row) -> String?
  ) -> Column {
    Column(
      key, title, definition, isNumber: false,
      values: { [value($0).map { .text($0) } ?? .none] },
      shown: { row in
        let text = value(row) ?? ""
        return Prose(text.isEmpty ? NumberText.none : text)
      })
  }

  static func integer(
    _ key: String, _ title: String = "", _ definition: Prose? = nil,
    _ value: @escaping @Sendable (Row) -> Int?
  ) -> Column {
    Column(
      key, title, definition, values: { [value($0).map { .integer($0) } ?? .none] },
      shown: { Prose(value($0).text { "\($0)" }) })
  }

  static func number(
    _ key: String, _ title: String = "", _ definition: Prose? = nil,
    as format: @escaping @Sendable (Double) -> String = NumberText.exact,
    _ value: @escaping @Sendable (Row) -> Double?
  ) -> Column {
    Column(
      key, title, definition, values: { [value($0).map { .number($0) } ?? .none] },
      shown: { Prose(value($0).text(format)) })
  }

  static func boolean(
    _ key: String, _ value: @escaping @Sendable (Row) -> Bool
  ) -> Column {
    Column(
      key, "", nil, isNumber: false, values: { [.boolean(value($0))] },
      shown: { Prose(value($0) ? "yes" : "no") })
  }

  /// A value with the bounds of its interval.
  static func estimate(
    _ key: String, _ title: String = "", _ definition: Prose? = nil,
    as format: @escaping @Sendable (Estimate?) -> String = QuantityText.value,
    _ value: @escaping @Sendable (Row) -> Estimate?
  ) -> Column {
    Column(
      key, title, definition, parts: ["", "_lower", "_upper"],
      values: { row in
        let estimate = value(row)
        return [estimate?.value, estimate?.lower, estimate?.upper].map { number in
          number.map { .number($0) } ?? .none
        }
      }, shown: { Prose(format(value($0))) })
  }

  /// The same quantity under another title, or with another definition, in a table of its own.
  func titled(_ title: String, _ definition: Prose? = nil) -> Column {
    var column = self
    column.title = title
    column.definition = definition
    return column
  }

  /// The same quantity in other words.
  func showing(_ shown: @escaping @Sendable (Row) -> Prose) -> Column {
    var column = self
    column.shown = shown
    return column
  }

  var rightAligned: Column {
    var column = self
    column.isNumber = true
    return column
  }

  var leftAligned: Column {
    var column = self
    column.isNumber = false
    return column
  }

  /// The column of rows that have a `Row` within them.
  func of<Outer>(_ row: @escaping @Sendable (Outer) -> Row) -> Column<Outer> {
    let (values, shown) = (values, shown)
    return Column<Outer>(
      key, title, definition, isNumber: isNumber, parts: parts, values: { values(row($0)) },
      shown: { shown(row($0)) })
  }
}
