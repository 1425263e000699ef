import Experiments
import Files
import Foundation
import Reports
import Synchronization

/// Shows how far an experiment has come: one line that rewrites itself on a terminal, a plain line
/// every few seconds in a log.
final class ProgressDisplay: RunLog {
  private let isTerminal: Bool
  private let isQuiet: Bool
  private let title: String
  private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

  init(title: String, isQuiet: Bool) {
    self.title = title
    self.isQuiet = isQuiet
    isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  func show(_ progress: ExperimentProgress) {
    guard !isQuiet else { return }
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

  func alert(_ message: String) {
    writeToStandardError("\(isTerminal ? "\r\u{1B}[K" : "")alert: \(message.printable)\n")
  }

  func end(isComplete: Bool) {
    guard !isComplete else { return }
    writeToStandardError(
      "interrupted: the finished runs are kept; the same command goes on where this one stopped\n")
  }

  private func text(for progress: ExperimentProgress) -> String {
    let share = progress.planned == 0 ? 100 : 100 * progress.finished / progress.planned
    var line = "\(title): \(progress.finished)/\(progress.planned) runs (\(share)%)"
    if progress.diverged > 0 { line += ", \(progress.diverged) diverged" }
    if progress.finished == progress.planned {
      return line + ", \(duration(progress.elapsedSeconds))"
    }
    let made = progress.finished - progress.reused
    if made > 0, progress.elapsedSeconds > 0 {
      line += String(format: ", %.3g runs/s", Double(made) / progress.elapsedSeconds)
    }
    if let seconds = progress.remainingSeconds { line += ", \(duration(seconds)) left" }
    return line
  }
}
