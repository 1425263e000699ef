extension ReportFormat {
  /// One page for people with its pictures, and beside it where and when its runs were made.
  public static let markdown = ReportFormat(
    name: "markdown", summary: "one page for people: summary in plain words, tables, definitions"
  ) { report in
    [RenderedFile(name: "report.md", contents: MarkdownRenderer.text(report.document))]
      + (report.provenance.isEmpty
        ? []
        : [
          RenderedFile(name: "provenance.md", contents: MarkdownRenderer.text(report.provenance))
        ])
      + report.figures.map { figure in
        RenderedFile(name: MarkdownRenderer.file(of: figure), contents: SVGRenderer.text(figure))
      }
  }
}

/// Writes documents as GitHub's Markdown.
enum MarkdownRenderer {
  static func text(_ document: [Block]) -> String {
    document.map(text).joined(separator: "\n\n") + "\n"
  }

  static func text(_ prose: Prose) -> String {
    prose.pieces.map { piece in
      switch piece {
      case .text(let text): MarkdownEscaping.text(text)
      case .code(let text): MarkdownEscaping.code(text)
      case .strong(let text): "**\(MarkdownEscaping.text(text))**"
      case .emphasis(let text): "*\(MarkdownEscaping.text(text))*"
      case .link(let text, let target):
        "[\(MarkdownEscaping.text(text))](\(MarkdownEscaping.target(target)))"
      }
    }.joined()
  }

  /// The characters as HTML, within which Markdown means nothing.
  private static func html(_ prose: Prose) -> String {
    prose.plain.printable.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
  }

  private static func text(_ block: Block) -> String {
    switch block {
    case .heading(let level, let prose):
      String(repeating: "#", count: level) + " " + text(prose)
    case .paragraph(let prose): MarkdownEscaping.lineStart(text(prose))
    case .list(let items):
      items.map { item in
        "- \(MarkdownEscaping.lineStart(text(item.text)))"
          + item.items.map { "\n  - \(MarkdownEscaping.lineStart(text($0)))" }.joined()
      }.joined(separator: "\n")
    case .table(let table): text(table)
    case .figure(let figure):
      "![\(MarkdownEscaping.text(figure.title))](\(file(of: figure)))\n\n\(text(figure.caption))"
    case .folded(let line, let blocks):
      "<details><summary>\(html(line))</summary>\n\n\(blocks.map(text).joined(separator: "\n\n"))\n\n</details>"
    }
  }

  static func file(of figure: Figure) -> String { "figures/\(figure.name).svg" }

  /// The table, padded so that it can be read as plain text, with a line that tells where the rest of
  /// its rows stand.
  static func text(_ table: Table) -> String {
    let grid = TextGrid(table, limit: table.limit) { text($0).replacing("|", with: "\\|") }
    let widths = grid.widths.map { max(3, $0) }
    let rule = zip(widths, grid.isNumber).map { width, isNumber in
      String(repeating: "-", count: width - 1) + (isNumber ? ":" : "-")
    }
    let lines =
      [grid.padded(grid.titles, to: widths), rule] + grid.rows.map { grid.padded($0, to: widths) }
    let whole = lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    let rest = table.count - grid.rows.count
    let file = MarkdownEscaping.target("\(table.name).csv")
    return rest <= 0
      ? whole : "\(whole)\n\n\(NumberText.count(rest, "more row")) in [\(file)](\(file))."
  }
}
