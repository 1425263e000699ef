internal import Analysis

/// One method beside the others at the same time of training, which another machine would give
/// differently.
struct EqualTimeRow: Sendable {
  let row: RobustRow
  let standing: EqualTime.Standing

  /// In the order of the plan; empty where times are not known.
  static func rows(_ analysis: ProblemAnalysis) -> [EqualTimeRow] {
    guard let robust = analysis.robust, let time = EqualTime(robust) else { return [] }
    return RobustRow.rows(analysis).compactMap { row in
      guard let index = row.index, let standing = time.standings[index] else { return nil }
      return EqualTimeRow(row: row, standing: standing)
    }
  }
}

enum EqualTimeColumns {
  static let all: [Column<EqualTimeRow>] = [
    .text("problem", "Problem") { $0.row.problem }, RobustColumns.method.of(\.row),
    .number("seconds_per_step", "Seconds a step", as: { NumberText.significant($0) }) {
      $0.standing.secondsPerStep
    },
    .number("seconds_per_run", "Seconds a run", as: { NumberText.significant($0) }) {
      $0.standing.secondsPerRun
    },
    .number("share_of_run", "Share of its run", as: NumberText.percent) { $0.standing.share },
    .number("loss_at_equal_time", "Loss by then", as: { NumberText.significant($0) }) {
      $0.standing.loss
    },
  ]
}
