extension GateFormat {
  /// For a comment on a pull request or a step's summary.
  public static let markdown = GateFormat(
    name: "markdown", summary: "for a pull-request comment or a step's summary"
  ) { report in
    var parts = ["## \(report.isPassed ? "✅" : "❌") \(report.experiment): \(report.mode) gate"]
    parts.append(report.conclusion)
    parts.append(
      "Compared: \(report.scope).\n"
        + report.origins.map { "- \($0.0): \($0.1)" }.joined(separator: "\n"))
    if let table = report.table {
      parts.append(table.text(restIn: "gate.json") + "\n" + report.explanation)
    }
    for check in report.checks where check.status == .failed || check.status == .noticed {
      let sign = check.status == .failed ? "❌" : "ℹ️"
      var part = "\(sign) **\(check.name)**: \(check.message)"
      if !check.details.isEmpty {
        part += "\n" + check.details.map { "- \($0)" }.joined(separator: "\n")
      }
      parts.append(part)
    }
    return parts.joined(separator: "\n\n") + "\n"
  }
}
