import ArgumentParser
import Experiments
import Files
import Foundation
import Records
import Settings
import Storage
import Synchronization

/// How progress and messages look on standard error.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  /// For people.
  case text
  /// An object on each line.
  case json
}

/// What is told of an experiment while it trains.
protocol RunLog: Sendable {
  /// Called at the start and after each finished run, from one thread at a time.
  func show(_ progress: ExperimentProgress)

  /// An alert that has come true.
  func alert(_ message: String)

  /// The end: of all runs, or of an interrupted experiment.
  func end(isComplete: Bool)
}

/// Tells everything as JSON, an object on each line of standard error, each with an `event`: `start`, `run`,
/// `alert`, `message`, `error` and `end`. Numbers that are not finite are `null`.
final class JSONRunLog: RunLog {
  private let name: String
  private let result: String
  private let isQuiet: Bool
  private let hasStarted = Mutex(false)

  /// - Parameter isQuiet: Whether finished runs are not told.
  init(name: String, result: String, isQuiet: Bool) {
    self.name = name
    self.result = result
    self.isQuiet = isQuiet
  }

  func show(_ progress: ExperimentProgress) {
    let state: [(String, JSONScalar)] = [
      ("finished", .integer(progress.finished)), ("planned", .integer(progress.planned)),
      ("diverged", .integer(progress.diverged)),
      ("elapsed_seconds", .number(progress.elapsedSeconds)),
      ("remaining_seconds", .number(progress.remainingSeconds ?? .nan)),
    ]
    let isFirst = hasStarted.withLock { started in
      defer { started = true }
      return !started
    }
    if isFirst {
      writeEvent("start", [("name", .text(name)), ("result", .text(result))] + state)
    }
    guard !isQuiet, let run = progress.latest else { return }
    writeEvent(
      "run",
      [
        ("problem", .text(run.key.problem)), ("run", .text(run.key.run)),
        ("optimizer", .text(run.optimizer)), ("clipping", .text(run.clipping)),
        ("learning_rate", .number(run.learningRate)), ("seed", .integer(run.seed)),
        ("outcome", .text(run.outcome.rawValue)),
        ("failure_step", run.failureStep < 0 ? .null : .integer(run.failureStep)),
        ("failure_tensor", run.failureTensor.isEmpty ? .null : .text(run.failureTensor)),
        ("steps", .integer(run.steps)), ("train_loss", .number(run.trainLoss)),
        ("validation_loss", .number(run.validationLoss)), ("seconds", .number(run.wallSeconds)),
      ] + state)
  }

  func alert(_ message: String) { writeEvent("alert", [("text", .text(message))]) }

  func end(isComplete: Bool) {
    writeEvent("end", [("complete", .boolean(isComplete)), ("result", .text(result))])
  }
}

/// A value of an event.
enum JSONScalar {
  case text(String)
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  case null

  fileprivate var json: String {
    switch self {
    case .text(let text): jsonText(text)
    case .integer(let integer): "\(integer)"
    case .number(let number): number.isFinite ? "\(number)" : "null"
    case .boolean(let value): "\(value)"
    case .null: "null"
    }
  }
}

/// Writes one event, with the time, on a line of standard error.
func writeEvent(_ event: String, _ fields: [(String, JSONScalar)]) {
  let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  let all = [("event", JSONScalar.text(event)), ("time", .text(time))] + fields
  writeToStandardError(
    "{" + all.map { "\(jsonText($0)):\($1.json)" }.joined(separator: ",") + "}\n")
}

extension WriterProgress {
  init(_ progress: ExperimentProgress, jobs: Int) {
    self.init(
      finished: progress.finished, planned: progress.planned, jobs: jobs,
      elapsedSeconds: progress.elapsedSeconds, remainingSeconds: progress.remainingSeconds)
  }
}
