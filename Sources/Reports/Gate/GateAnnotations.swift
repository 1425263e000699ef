extension GateFormat {
  /// Workflow commands of GitHub Actions: an error for each failed check, a notice for what somebody
  /// should know.
  public static let github = GateFormat(
    name: "github", summary: "annotations of GitHub Actions"
  ) { report in
    let lines = report.checks.compactMap { check -> String? in
      let command: String
      switch check.status {
      case .failed: command = "error"
      case .noticed: command = "notice"
      case .passed, .skipped: return nil
      }
      let title = "optbench gate, \(report.experiment): \(check.name)"
      let message = ([check.message] + check.details).joined(separator: "\n")
      return "::\(command) title=\(property(title))::\(data(message))"
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// As @actions/core escapes the text of a command.
  private static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  /// As @actions/core escapes the value of a property.
  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}
