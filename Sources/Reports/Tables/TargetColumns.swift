internal import Analysis

/// One method, the targets that it came through at its tuned rate, and one of them.
struct TargetRow: Sendable {
  let row: RobustRow
  let profile: TargetProfile
  /// The position of the target among `TargetProfile.levels`.
  let target: Int

  /// The most pairs reached first.
  static func profiles(_ analysis: ProblemAnalysis) -> [TargetRow] {
    RobustRow.rows(analysis).compactMap { row in
      row.values?.targets(on: row.robust.scale).map {
        TargetRow(row: row, profile: $0, target: 0)
      }
    }.enumerated().sorted {
      ($1.element.profile.share, $0.offset) < ($0.element.profile.share, $1.offset)
    }.map(\.element)
  }

  /// Each method at each target.
  static func rows(_ analysis: ProblemAnalysis) -> [TargetRow] {
    profiles(analysis).flatMap { row in
      TargetProfile.levels.indices.map {
        TargetRow(row: row.row, profile: row.profile, target: $0)
      }
    }
  }

  var level: Double { TargetProfile.levels[target] }

  /// The loss at which the target is reached.
  var loss: Double? {
    let scale = row.robust.scale
    return scale.boundPosition.map { bound in
      scale.loss(at: scale.referencePosition - level * (scale.referencePosition - bound))
    }
  }
}

/// How fast methods come through targets.
enum TargetColumns {
  static let all: [Column<TargetRow>] =
    RobustColumns.identity.map { $0.of(\.row) } + [
      .number("progress") { $0.level }, .number("target_loss") { $0.loss },
      .integer("runs") { $0.profile.spent.count },
      .integer("runs_reached") { $0.profile.reached($0.target) },
      .number("median_evaluations") { $0.profile.median($0.target) },
      .number("expected_evaluations") { $0.profile.expectedRuntime($0.target) },
    ]

  /// One row per method.
  static let table: [Column<TargetRow>] =
    [
      RobustColumns.method.of(\.row),
      Column(
        "Targets reached",
        "Of all pairs of a seed and a target, the share that the runs at the tuned rate reached."
      ) { Prose(NumberText.percent($0.profile.share)) },
    ]
    + [0.25, 0.5, 0.75, 0.9].map { level in
      Column(
        "\(NumberText.percent(level))",
        "Gradient evaluations until so much of the possible progress is made, the median over seeds: at the first evaluation of the run that has it. a/b: only a of b seeds ever do."
      ) { row in
        guard let target = TargetProfile.levels.firstIndex(where: { abs($0 - level) < 1e-9 })
        else { return "" }
        return Prose(
          row.profile.median(target).map { NumberText.grouped(Int($0.rounded())) }
            ?? "\(row.profile.reached(target))/\(row.profile.spent.count)")
      }
    }
}
