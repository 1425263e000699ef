import Reports

/// A section of the output: a heading, a table in GitHub's Markdown and remarks below it.
struct Section {
  var title: String
  var columns: [String]
  var rows: [[String]] = []
  var remarks: [String] = []

  var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    // The first column names the row; the others hold numbers.
    let rule = columns.indices.map { $0 == 0 ? "---" : "---:" }
    return "## \(title)\n\n" + line(columns) + line(rule) + rows.map(line).joined() + "\n"
      + remarks.map { "\($0)\n\n" }.joined()
  }
}

/// Numbers as the tables show them.
enum Cell {
  static let none = NumberText.none

  /// A duration with its quartiles, in the unit that suits it.
  static func time(_ timing: Timing) -> String {
    let (factor, unit) = unit(for: timing.median)
    func number(_ seconds: Double) -> String { NumberText.significant(seconds * factor) }
    return
      "\(number(timing.median)) \(unit) (\(number(timing.lowerQuartile))–\(number(timing.upperQuartile)))"
  }

  static func time(_ seconds: Double) -> String {
    let (factor, unit) = unit(for: seconds)
    return "\(NumberText.significant(seconds * factor)) \(unit)"
  }

  static func percent(_ share: Double) -> String {
    "\(NumberText.fixed(100 * share, digits: 1))%"
  }

  static func ratio(_ ratio: Double) -> String { "\(NumberText.fixed(ratio, digits: 2))×" }

  /// A target with whether it is met.
  static func target(_ text: String, isMet: Bool) -> String {
    isMet ? "\(text), met" : "**\(text), missed**"
  }

  private static func unit(for seconds: Double) -> (factor: Double, name: String) {
    switch seconds {
    case ..<1e-6: (1e9, "ns")
    case ..<1e-3: (1e6, "µs")
    case ..<1: (1e3, "ms")
    default: (1, "s")
    }
  }
}
