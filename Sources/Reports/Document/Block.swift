/// A part of a document.
public enum Block: Sendable {
  /// A heading of level 1 to 3.
  case heading(Int, Prose)
  case paragraph(Prose)
  case list([Item])
  case table(Table)
  case figure(Figure)
  /// What stands below a line that a reader opens.
  case folded(Prose, [Block])

  /// A point of a list, with points of its own.
  public struct Item: Sendable {
    public let text: Prose
    public let items: [Prose]

    init(_ text: Prose, items: [Prose] = []) {
      self.text = text
      self.items = items
    }
  }

  /// The picture, if there is one to show.
  static func picture(_ figure: Figure?) -> [Block] { figure.map { [.figure($0)] } ?? [] }

  /// The pictures in it, in order.
  var figures: [Figure] {
    switch self {
    case .figure(let figure): [figure]
    case .folded(_, let blocks): blocks.flatMap(\.figures)
    case .heading, .paragraph, .list, .table: []
    }
  }

  static func list(_ points: [Prose]) -> Block { .list(points.map { Item($0) }) }
}
