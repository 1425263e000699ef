internal import Analysis
internal import Records

/// How far the order of a problem's methods holds under one change that is no property of a method.
struct AuditRow: Sendable {
  let problem: String
  let methods: Int
  let row: RobustAudit.Row

  /// - Parameter others: Results of the same experiment with something changed.
  static func rows(
    _ analysis: ProblemAnalysis, beside others: [ReportContext.Variant]
  ) -> [AuditRow] {
    guard let robust = analysis.robust else { return [] }
    let name = analysis.problem.name
    let audit = RobustAudit(robust)
    return audit.rows.map { AuditRow(problem: name, methods: audit.methods, row: $0) }
      + others.compactMap { other in
        other.analysis.problems.first { $0.problem.name == name }?.robust.flatMap { changed in
          RobustAudit.row(other.change, robust, changed).map {
            AuditRow(problem: name, methods: $0.methods, row: $0.row)
          }
        }
      }
  }
}

enum AuditColumns {
  static let all: [Column<AuditRow>] =
    [
      .text("problem") { $0.problem },
      .text("change", "Changed", nil) { $0.row.change },
      .integer("methods") { $0.methods },
    ] + correlations

  /// One row per change.
  static let table: [Column<AuditRow>] =
    [
      .text("change", "Changed", nil) { $0.row.change },
      .integer("methods", "Methods") { $0.methods },
    ] + correlations

  private static let correlations: [Column<AuditRow>] = [
    .number("tuned_loss_rank_correlation", "ρ of the tuned loss", as: correlation) {
      $0.row.tunedLoss
    },
    .number("overshoot_regret_rank_correlation", "ρ of S⁺", as: correlation) {
      $0.row.overshootRegret
    },
    .number("robust_progress_rank_correlation", "ρ of RP", as: correlation) {
      $0.row.robustProgress
    },
  ]

  private static func correlation(_ value: Double) -> String {
    NumberText.fixed(value, digits: 2)
  }
}
