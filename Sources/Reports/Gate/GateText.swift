extension GateFormat {
  /// A table for a terminal.
  public static let text = GateFormat(name: "text", summary: "a table for a terminal") { report in
    var lines = ["\(report.experiment): \(report.mode) gate, \(report.scope)"]
    for (name, origin) in report.origins { lines.append("  \(name): \(origin)") }
    lines.append("")
    if let table = report.table { lines.append(table.plainText) }
    for check in report.checks where check.status == .failed || check.status == .noticed {
      let sign = check.status == .failed ? "FAILED" : "note"
      lines.append("\(sign)  \(check.name): \(check.message)")
      lines += check.details.map { "          \($0)" }
    }
    lines.append(report.conclusion)
    return lines.joined(separator: "\n") + "\n"
  }
}
