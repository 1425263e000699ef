import Experiments
import Files
import Foundation
import Reports
import Synchronization

/// Shows how far an experiment has come: one line that rewrites itself on a terminal, a plain line
/// every few seconds in a log.
final class ProgressDisplay: Sendable {
  private let isTerminal: Bool
  private let title: String
  private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

  init(title: String) {
    self.title = title
    isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  func show(_ progress: ExperimentProgress) {
    let now = ContinuousClock.now
    let isLast = progress.finished == progress.planned
    let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
    let isDue = lastShown.withLock { last in
      if let shown = last, now - shown < interval, !isLast { return false }
      last = now
      return true
    }
    guard isDue else { return }
    let line = text(for: progress).printable
    writeToStandardError(isTerminal ? "\r\u{1B}[K\(line)" + (isLast ? "\n" : "") : line + "\n")
  }

  private func text(for progress: ExperimentProgress) -> String {
    let share = progress.planned == 0 ? 100 : 100 * progress.finished / progress.planned
    var line = "\(title): \(progress.finished)/\(progress.planned) runs (\(share)%)"
    if progress.diverged > 0 { line += ", \(progress.diverged) diverged" }
    if progress.finished == progress.planned {
      return line + ", \(duration(progress.elapsedSeconds))"
    }
    if let seconds = progress.remainingSeconds { line += ", \(duration(seconds)) left" }
    return line
  }
}
