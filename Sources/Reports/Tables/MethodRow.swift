internal import Analysis
internal import Records

/// A row of a table by method: on which problem, which method, judged on which of its runs.
protocol MethodRow: Sendable, SendableMetatype {
  var problem: String { get }
  /// `grid`, `chosen` or `default`.
  var scope: String { get }
  var method: Method { get }
}

extension MethodRow {
  static var methodColumn: Column<Self> { .text("method", "Method") { $0.method.label } }

  static var identity: [Column<Self>] {
    [
      .text("problem") { $0.problem }, .text("scope") { $0.scope }, methodColumn,
      .text("optimizer") { $0.method.optimizer }, .text("clipping") { $0.method.clipping },
    ]
  }
}

/// Planned, done, failed, missing and the counts by outcome.
enum TallyColumns {
  static let planned = Column<RunTally>.integer("runs_planned") { $0.planned }
  static let done = Column<RunTally>.integer("runs_done") { $0.done }
  static let failed = Column<RunTally>.integer("runs_failed") { $0.failed }
  static let missing = Column<RunTally>.integer(
    "runs_missing", "Missing", "Planned runs that are not stored."
  ) { $0.missing }

  static func outcome(_ outcome: Outcome) -> Column<RunTally> {
    let column = Column<RunTally>.integer("runs_\(outcome.rawValue)") { $0.count(outcome) }
    return switch outcome {
    case .nonfinite:
      column.titled(
        "Not finite",
        "Failed runs in which the loss, the update or a parameter became NaN or infinite, as Float32 numbers."
      )
    case .exploded:
      column.titled(
        "Exploded", "Failed runs whose loss stayed finite but rose beyond the explosion limit.")
    case .worseThanStart:
      column.titled(
        "Worse than start",
        "Failed runs that used their whole budget and ended with a training loss above the first by more than 1% of its scale, max(first loss − lower bound, the problem's unit)."
      )
    case .completed, .stalled, .timedOut, .objectiveFailed: column
    }
  }

  static let all = [planned, done, failed, missing] + Outcome.allCases.map(outcome)

  /// `4 of 12`, from the columns of failed and done runs.
  static func failedOfDone(_ title: String, _ definition: Prose? = nil) -> Column<RunTally> {
    Column(title, definition) { "\($0.failed) of \($0.done)" }
  }
}
