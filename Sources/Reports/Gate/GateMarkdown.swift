extension GateFormat {
  /// For a comment on a pull request or a step's summary.
  public static let markdown = GateFormat(
    name: "markdown", summary: "for a pull-request comment or a step's summary"
  ) { report in
    let sign = report.isPassed ? "✅" : "❌"
    var blocks: [Block] = [
      .heading(2, "\(sign) \(report.experiment): \(report.mode) gate"),
      .paragraph(Prose(report.conclusion)),
      .paragraph("Compared: \(report.scope)."),
      .list(report.origins.map { "\($0.0): \($0.1)" }),
    ]
    if let table = report.table {
      blocks += [.table(table), .paragraph(Prose(report.explanation))]
    }
    for check in report.checks where check.status == .failed || check.status == .noticed {
      let sign = check.status == .failed ? "❌" : "ℹ️"
      blocks.append(.paragraph("\(sign) \(strong: check.name): \(check.message)"))
      if !check.details.isEmpty { blocks.append(.list(check.details.map { Prose($0) })) }
    }
    return MarkdownRenderer.text(blocks)
  }
}
