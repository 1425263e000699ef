internal import Foundation

extension ReportFormat {
  /// Everything, for programs: `docs/report-json.md` has the schema.
  public static let json = ReportFormat(
    name: "json", summary: "everything in one JSON document, for programs"
  ) { report in
    [RenderedFile(name: "report.json", contents: jsonDocument(JSONReport(report)))]
  }
}

/// A report as JSON: its tables under the keys that the CSV files have, and its page as plain text.
private struct JSONReport: Encodable {
  private struct Definition: Encodable {
    let title: String?
    let definition: String?
  }

  private struct TableContents: Encodable {
    let columns: [String]
    let definitions: [String: Definition]
    let rows: [[String: Value]]

    init(_ table: Table) {
      let heads = table.heads.filter { !$0.key.isEmpty }
      columns = heads.flatMap { head in head.parts.map { head.key + $0 } }
      definitions = Dictionary(
        heads.filter { !$0.title.isEmpty }.map { head in
          (head.key, Definition(title: head.title, definition: head.definition?.plain))
        }, uniquingKeysWith: { first, _ in first })
      rows = (0..<table.count).map { [columns] row in
        Dictionary(
          zip(columns, heads.flatMap { $0.values(row) }), uniquingKeysWith: { first, _ in first })
      }
    }
  }

  private let report = 1
  private let name: String
  private let title: String
  private let page: [String]
  private let tables: [String: TableContents]

  init(_ report: Report) {
    name = report.name
    title = report.title
    page = report.document.flatMap(\.plainLines)
    tables = Dictionary(
      uniqueKeysWithValues: report.tables.map { ($0.name, TableContents($0)) })
  }
}

extension Value: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .none: try container.encodeNil()
    case .text(let text): try container.encode(text)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .boolean(let value): try container.encode(value)
    }
  }
}

extension Block {
  /// What it says, a line for each paragraph and point; tables stand for themselves.
  fileprivate var plainLines: [String] {
    switch self {
    case .heading(_, let prose), .paragraph(let prose): [prose.plain]
    case .list(let items): items.flatMap { [$0.text.plain] + $0.items.map(\.plain) }
    case .folded(let line, let blocks): [line.plain] + blocks.flatMap(\.plainLines)
    case .table, .figure: []
    }
  }
}
