/// How a run ended. A failed run is a result, stored like any other.
public enum Outcome: String, Sendable, CaseIterable {
  /// The budget was spent.
  case completed
  /// Loss, parameters or the applied update became NaN or infinite.
  case nonfinite
  /// Everything finite, but the loss rose above `explosion_factor` times its scale.
  case exploded
  /// The budget was spent and the final evaluation loss is above the initial one by more than 1% of
  /// its scale.
  case worseThanStart = "worse_than_start"
  /// A preset stop (`gradient_tolerance`, `patience`) ended the run.
  case stalled
  /// The spec's wall-clock limit ended the run: the one outcome that is not reproducible.
  case timedOut = "timed_out"
  /// What computes the loss gave no numbers: nothing is known of how the method would have done.
  case objectiveFailed = "objective_failed"

  /// How many times its scale a loss may rise before the run has exploded, unless the experiment says
  /// otherwise.
  public static let defaultExplosionFactor = 1000.0

  /// Whether the run counts as diverged: it blew up or ended worse than it began.
  public var isDiverged: Bool {
    switch self {
    case .nonfinite, .exploded, .worseThanStart: true
    case .completed, .stalled, .timedOut, .objectiveFailed: false
    }
  }
}
