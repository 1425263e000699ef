internal import Analysis
internal import Records

/// How far the order of methods would hold if something else had been drawn.
struct AuditSection {
  let robust: RobustAnalysis
  let rows: [AuditRow]

  /// Nothing where there are too few methods or seeds to say anything.
  var blocks: [Block] {
    let audit = RobustAudit(robust)
    guard audit.methods > 2, !rows.isEmpty else { return [] }
    let shift = audit.anchorShift.map { shift in
      "Leaving out any one tuning seed moves the tuned rate of half of the methods by up to "
        + "\(NumberText.significant(shift, digits: 2)) decades or less."
    }
    return [
      .folded(
        "How far the order of methods holds",
        [
          .paragraph(
            """
            Spearman's rank correlation ρ of the \(NumberText.count(audit.methods, "method")) that train, before and \
            after a change that is no property of a method: 1 is the same order, 0 none at all. Low values say that \
            methods lie closer together than the seeds can tell. Adding or leaving out methods changes no value, so it is \
            no row; other scans, budgets, schedules and splits take other runs, given to the report with \(code: "--audit"). \(shift ?? "")
            """),
          .table(Table("audit", AuditColumns.table, rows)),
        ])
    ]
  }
}
