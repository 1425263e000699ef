internal import Yams

/// A YAML document as a tree, with aliases and merge keys resolved.
struct DocumentTree {
  let root: Node

  /// The most values that a document may have with its aliases written out.
  private static let mostNodes = 1_000_000

  init(_ text: String, file: String) throws(SettingsError) {
    let composed: Node?
    do {
      // Some editors begin a file with a byte order mark.
      composed = try Yams.compose(
        yaml: text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
    } catch {
      throw Self.syntaxError(error, file: file)
    }
    guard let composed else {
      throw SettingsError(file: file, line: 1, path: "", problem: "the file is empty")
    }
    var count = 0
    root = try Self.merged(composed, file: file, count: &count)
  }

  /// `node` with the mappings that stand under `<<` in the place of that key; what a mapping says
  /// itself comes before what it merges (YAML 1.1, language-independent types, 2005).
  private static func merged(
    _ node: Node, file: String, count: inout Int
  ) throws(SettingsError) -> Node {
    count += 1
    guard count <= mostNodes else {
      throw error(at: node, "with its aliases written out the file has too many values", file)
    }
    switch node {
    case .scalar, .alias: return node
    case .sequence(var sequence):
      for index in sequence.indices {
        sequence[index] = try merged(sequence[index], file: file, count: &count)
      }
      return .sequence(sequence)
    case .mapping(let mapping):
      var own: [(Node, Node)] = []
      var inherited: [(Node, Node)] = []
      for (key, value) in mapping {
        let value = try merged(value, file: file, count: &count)
        if isMergeKey(key) {
          inherited += try mergedPairs(value, of: key, file: file)
        } else {
          own.append((key, value))
        }
      }
      var known = Set(own.map { $0.0.scalar?.string ?? "" })
      for pair in inherited where known.insert(pair.0.scalar?.string ?? "").inserted {
        own.append(pair)
      }
      return .mapping(Node.Mapping(own, mapping.tag, mapping.style, mapping.mark))
    }
  }

  private static func isMergeKey(_ key: Node) -> Bool {
    guard let scalar = key.scalar, scalar.style == .plain || scalar.style == .any else {
      return false
    }
    return scalar.string == "<<"
  }

  private static func mergedPairs(
    _ value: Node, of key: Node, file: String
  ) throws(SettingsError) -> [(Node, Node)] {
    var pairs: [(Node, Node)] = []
    for node in value.sequence.map(Array.init) ?? [value] {
      guard let mapping = node.mapping else {
        throw error(at: key, "'<<' merges a mapping or a list of mappings, such as <<: *base", file)
      }
      pairs += mapping.map { ($0.key, $0.value) }
    }
    return pairs
  }

  private static func error(at node: Node, _ problem: String, _ file: String) -> SettingsError {
    SettingsError(
      file: file, line: node.mark?.line, column: node.mark?.column, path: "", problem: problem)
  }

  private static func syntaxError(_ error: any Error, file: String) -> SettingsError {
    func at(_ mark: Mark?, _ problem: String) -> SettingsError {
      SettingsError(
        file: file, line: mark?.line, column: mark?.column, path: "", problem: problem)
    }
    guard let error = error as? YamlError else { return at(nil, "\(error)") }
    switch error {
    case .composer(_, "but found another document", let mark, _):
      return at(
        mark, "a second document begins here; put each experiment in a file of its own")
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let detail = context.map { " (\($0.text.trimmed))" } ?? ""
      let advice =
        problem.contains("cannot start any token")
        ? "; indent with spaces, not with tabs, and quote texts that begin with @, % or `" : ""
      return at(mark, "not valid YAML: \(problem)\(detail)\(advice)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "'\($0)'" }.joined(separator: ", ")
      return at(
        context.mark,
        "the key \(names) is given again further down in this mapping; keep one")
    default:
      // The library's account runs over several lines.
      let account = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
      return at(nil, "not valid YAML: \(account)")
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    return String(text)
  }
}
