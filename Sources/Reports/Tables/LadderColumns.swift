internal import Analysis
internal import Records

/// One method at one multiple of its tuned rate.
struct LadderRow: Sendable {
  let method: RobustRow
  let rate: RobustMethod.TriedRate
  let rung: StressLadder.Rung

  static func rows(_ analysis: ProblemAnalysis) -> [LadderRow] {
    RobustRow.rows(analysis).flatMap { row in
      zip(row.values?.evaluation ?? [], row.ladder?.rungs ?? []).map {
        LadderRow(method: row, rate: $0, rung: $1)
      }
    }
  }

  /// The loss at the interquartile mean of positions over seeds.
  var loss: Double { method.robust.scale.loss(at: rate.middlePosition) }
}

enum LadderColumns {
  static let all: [Column<LadderRow>] =
    RobustColumns.identity.map { $0.of(\.method) } + [
      .number("multiple") { $0.rung.multiple },
      .number("learning_rate") { $0.rate.learningRate },
      .integer("runs") { $0.rung.runs },
      .integer("useful") { $0.rung.useful },
      .integer("useless") { $0.rung.useless },
      .integer("failed") { $0.rung.failed },
      .estimate("useful_share") { $0.rung.usefulShare($0.method.options) },
      .estimate("useless_share") { $0.rung.uselessShare($0.method.options) },
      .estimate("failed_share") { $0.rung.failedShare($0.method.options) },
      .number("regret") { $0.rung.regret },
      .number("loss") { $0.loss },
    ]

  /// Methods by multiples: the variants of an optimizer one below the other.
  static let table: [Column<RobustRow>] =
    [RobustColumns.method]
    + StressLadder.multiples.map { multiple in
      Column(multipleWords(multiple)) { row in
        Prose((row.ladder?.rungs.first { $0.multiple == multiple }).text(\.counts))
      }
    } + [
      Column(
        "Useful up to",
        "The largest multiple of the tuned rate up to which at least nine of ten runs are useful at every multiple from 1 on; –: not even at the tuned rate."
      ) { row in
        Prose(
          (row.ladder?.usefulMultiple(atLeast: StressLadder.usefulShare)).text(multipleWords))
      }
    ]

  /// `0.25×`.
  static func multipleWords(_ multiple: Double) -> String { "\(NumberText.rate(multiple))×" }
}
