extension GateFormat {
  /// For the test views of CI systems: one test case for each check.
  ///
  /// Valid by the schema of Ant's JUnit reports and by that of Jenkins' xUnit plugin, the two in
  /// use.
  public static let junit = GateFormat(
    name: "junit", summary: "JUnit XML, one test case for each check"
  ) { report in
    let suite = "optbench.gate.\(report.experiment)"
    let attributes = [
      ("name", suite), ("package", "optbench"), ("id", "0"),
      ("timestamp", timestamp(report.created)), ("hostname", "localhost"),
      ("tests", "\(report.checks.count)"), ("failures", "\(report.failures.count)"),
      ("errors", "0"), ("skipped", "\(report.checks.count { $0.status == .skipped })"),
      ("time", "0"),
    ]
    let properties =
      [("mode", report.mode), ("scope", report.scope)] + report.origins
    let lines =
      [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>",
        "  <testsuite\(text(of: attributes))>", "    <properties>",
      ]
      + properties.map { "      <property\(text(of: [("name", $0.0), ("value", $0.1)]))/>" }
      + ["    </properties>"] + report.checks.map { testCase($0, in: suite) }
      + [
        "    <system-out>\(escaped(report.conclusion))</system-out>", "    <system-err/>",
        "  </testsuite>", "</testsuites>",
      ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func testCase(_ check: GateReport.Check, in suite: String) -> String {
    let start =
      "    <testcase\(text(of: [("name", check.name), ("classname", suite), ("time", "0")]))"
    switch check.status {
    case .passed, .noticed: return start + "/>"
    case .skipped: return start + "><skipped/></testcase>"
    case .failed:
      let failure = text(of: [("message", check.message), ("type", "gate")])
      let details = check.details.isEmpty ? check.message : check.details.joined(separator: "\n")
      return start + "><failure\(failure)>\(escaped(details))</failure></testcase>"
    }
  }

  private static func text(of attributes: [(String, String)]) -> String {
    attributes.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
  }

  /// The date and time without fraction and zone, as the schema wants it.
  private static func timestamp(_ created: String) -> String {
    let text = String(created.prefix(19))
    let isWhole = text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/) != nil
    return isWhole ? text : "1970-01-01T00:00:00"
  }

  /// The text for an attribute or between tags; characters that XML does not know become `?`.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case let control where control.value < 0x20: result += "?"
      case "\u{FFFE}", "\u{FFFF}": result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
