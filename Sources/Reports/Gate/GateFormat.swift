/// A form in which a gate's findings can be written.
public struct GateFormat: Sendable {
  public let name: String
  /// What it is, in one phrase without a full stop.
  public let summary: String
  public let render: @Sendable (GateReport) -> String

  /// Every format, in the order of the documentation.
  public static let all: [GateFormat] = [.text, .markdown, .junit, .github, .json]

  /// The format called `name`.
  public static func named(_ name: String) -> GateFormat? { all.first { $0.name == name } }
}

extension GateFormat {
  /// All numbers.
  public static let json = GateFormat(name: "json", summary: "all numbers, for programs") {
    $0.json
  }
}
