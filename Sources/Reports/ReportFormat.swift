/// A form in which a report can be written.
public struct ReportFormat: Sendable {
  public let name: String
  /// What it is, in one phrase without a full stop.
  public let summary: String
  public let render: @Sendable (Report) -> [RenderedFile]

  public init(
    name: String, summary: String, render: @escaping @Sendable (Report) -> [RenderedFile]
  ) {
    self.name = name
    self.summary = summary
    self.render = render
  }

  /// Every format, in the order of the documentation.
  public static let all: [ReportFormat] = [.markdown, .csv, .json, .html, .latex]

  /// The format called `name`.
  public static func named(_ name: String) -> ReportFormat? { all.first { $0.name == name } }
}
