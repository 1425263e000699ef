/// The definitions of a report's columns, each once, by table.
struct DefinitionList {
  private var sections: [(title: String, entries: [(titles: [String], definition: String)])] = []

  /// Starts the definitions of another table.
  mutating func begin(_ title: String) { sections.append((title, [])) }

  /// Adds what is not defined yet; columns with the same definition share it.
  mutating func add<Row>(_ columns: [MarkdownColumn<Row>]) {
    guard let section = sections.indices.last else { return }
    for column in columns {
      guard let definition = column.definition, !isDefined(column.title) else { continue }
      let entries = sections[section].entries
      if let index = entries.firstIndex(where: { $0.definition == definition }) {
        sections[section].entries[index].titles.append(column.title)
      } else {
        sections[section].entries.append(([column.title], definition))
      }
    }
  }

  private func isDefined(_ title: String) -> Bool {
    sections.contains { $0.entries.contains { $0.titles.contains(title) } }
  }

  var text: String {
    sections.filter { !$0.entries.isEmpty }.map { section in
      let lines = section.entries.map { entry in
        "- \(entry.titles.map { "**\($0)**" }.joined(separator: ", ")): \(entry.definition)"
      }
      return "*\(section.title)*\n\n" + lines.joined(separator: "\n")
    }.joined(separator: "\n\n")
  }
}
