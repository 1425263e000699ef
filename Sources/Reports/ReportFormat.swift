public import Analysis

/// What a report may say beyond the analysis.
public struct ReportContext: Sendable {
  /// SHA-256 of the stored runs' content, where the caller knows it.
  public var contentDigest = ""
  /// The result file from which the analysis was made, as the reader can find it.
  public var resultFile = ""

  public init() {}
}

/// A form in which an analysis can be written.
public struct ReportFormat: Sendable {
  public let name: String
  /// What it is, in one phrase without a full stop.
  public let summary: String
  public let render: @Sendable (ExperimentAnalysis, ReportContext) -> [RenderedFile]

  public init(
    name: String, summary: String,
    render: @escaping @Sendable (ExperimentAnalysis, ReportContext) -> [RenderedFile]
  ) {
    self.name = name
    self.summary = summary
    self.render = render
  }

  /// Every format, in the order of the documentation.
  public static let all: [ReportFormat] = [.markdown, .csv]

  /// The format called `name`.
  public static func named(_ name: String) -> ReportFormat? { all.first { $0.name == name } }
}
