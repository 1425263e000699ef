internal import Yams

/// A value to be written as YAML: parts of a file that was read, and others beside them.
public indirect enum SettingTree {
  /// What stands at a place of a file.
  case place(Setting)
  case text(String)
  case number(Double)
  case integer(Int)
  case list([SettingTree])
  case mapping([(key: String, value: SettingTree)])

  /// The value as a YAML document that is read as the same value again.
  ///
  /// Comments, anchors and line breaks of the file are not kept.
  public func yaml() -> String {
    // A mapping or list of our own making has nothing that the library refuses.
    (try? Yams.serialize(node: node, width: -1, allowUnicode: true)) ?? ""
  }

  private var node: Node {
    switch self {
    case .place(let setting): Self.plainCopy(setting.tree)
    case .text(let text): Node(text, .implicit, .doubleQuoted)
    case .number(let value):
      Node(value == .infinity ? ".inf" : numberLabel(value), .implicit, .plain)
    case .integer(let value): Node("\(value)", .implicit, .plain)
    case .list(let values):
      Node(
        values.map(\.node), .implicit, values.allSatisfy(\.isScalar) ? .flow : .block)
    case .mapping(let pairs):
      Node(
        pairs.map { (Node($0.key, .implicit, .any), $0.value.node) }, .implicit, .block)
    }
  }

  private var isScalar: Bool {
    switch self {
    case .text, .number, .integer: true
    case .place(let setting): setting.tree.scalar != nil
    case .list, .mapping: false
    }
  }

  /// The node without anchors, which would be given twice where an alias stood, and without tags,
  /// which the reader does not follow.
  private static func plainCopy(_ node: Node) -> Node {
    switch node {
    case .scalar(let scalar):
      let isEmpty = scalar.string.isEmpty && (scalar.style == .plain || scalar.style == .any)
      return Node(isEmpty ? "null" : scalar.string, .implicit, isEmpty ? .plain : scalar.style)
    case .sequence(let sequence):
      return Node(sequence.map(plainCopy), .implicit, sequence.style)
    case .mapping(let mapping):
      return Node(
        mapping.map { (plainCopy($0.key), plainCopy($0.value)) }, .implicit, mapping.style)
    case .alias: return node
    }
  }
}
