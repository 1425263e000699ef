/// A part of a document.
public enum Block: Sendable {
  /// A heading of level 1 to 3.
  case heading(Int, Prose)
  case paragraph(Prose)
  case list([Item])
  case table(Table)

  /// A point of a list, with points of its own.
  public struct Item: Sendable {
    public let text: Prose
    public let items: [Prose]

    init(_ text: Prose, items: [Prose] = []) {
      self.text = text
      self.items = items
    }
  }

  static func list(_ points: [Prose]) -> Block { .list(points.map { Item($0) }) }
}
