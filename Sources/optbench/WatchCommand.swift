import ArgumentParser
import Files
import Foundation
import Processes
import Records
import Reports
import Storage

/// `optbench watch`: how an experiment stands that another process trains.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Shows how an experiment stands while another process trains it.",
    discussion: """
      Progress, outcomes so far, the order of the methods so far and the run that failed last. It reads \
      what 'optbench run' keeps, takes no lock and writes nothing. On a terminal it draws anew until the \
      experiment is complete or its process is gone; in a pipe, or with --once, it looks once.

      With --alert it ends with exit code 1 as soon as the condition holds.

      EXAMPLES
        optbench watch results/digits-depth.h5
        optbench watch results/digits-depth.h5 --once
        optbench watch results/digits-depth.h5 --follow --alert 'failure_rate > 0.5' || mail -s failing me
        optbench watch results/digits-depth.h5 --format json | jq .finished
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(
    help: "The result file (HDF5) that 'optbench run' makes.", completion: .file(extensions: ["h5"])
  )
  var file: String

  @Option(help: "How to print it.")
  var format: Format = .text

  @Flag(help: "Look once, on a terminal too.")
  var once = false

  @Flag(help: "Look again and again, in a pipe too.")
  var follow = false

  @Option(help: ArgumentHelp("The time between two looks.", valueName: "seconds"))
  var every = 2.0

  @Option(help: "The most methods of each problem that are shown.")
  var methods = 12

  @Option(
    help: ArgumentHelp(
      "End with exit code 1 once this holds, such as 'failure_rate > 0.5'; may be given several times.",
      valueName: "condition"))
  var alert: [String] = []

  func validate() throws {
    if !(0.1...3600).contains(every) {
      throw ValidationError("--every \(every): give 0.1 to 3600 seconds")
    }
    if methods < 1 { throw ValidationError("--methods \(methods): give at least 1") }
    if once, follow { throw ValidationError("give --once or --follow, not both") }
  }
}

extension WatchCommand {
  func run() throws {
    try reportingErrors {
      let alerts = try alert.map { try Alert($0) }
      let isTerminal = isatty(STDOUT_FILENO) == 1
      let follows = follow || (isTerminal && !once && format == .text)
      var watch = ResultWatch(file)
      while true {
        let sight = try watch.look()
        let isOver = sight.isComplete || !sight.isBeingWritten
        // Home, and what is below is cleared: no flicker.
        let start = follows && isTerminal ? "\u{1B}[H\u{1B}[2J" : ""
        if !start.isEmpty { try writeToStandardOutput(start) }
        switch format {
        case .text: try printAnswer(text(of: sight))
        case .json: try printAnswer(json(of: sight), terminator: "", isExact: true)
        }
        let raised = alerts.compactMap { $0.message(sight.ends, isComplete: isOver) }
        for message in raised { printDiagnostic("alert: \(message)") }
        if !raised.isEmpty { throw ExitCode(1) }
        if isOver || !follows { return }
        Thread.sleep(forTimeInterval: every)
      }
    }
  }

  private func text(of sight: ResultWatch.Sight) -> String {
    let standings = StandingsText(sight.ends, limit: methods)
    var lines = [sight.title ?? file, progress(of: sight), standings.outcomes]
    if let failure = sight.latestFailure {
      lines.append(
        "failed last: \(failure.key.problem)/\(failure.key.run): \(failure.ending)")
    }
    return lines.joined(separator: "\n") + (sight.ends.isEmpty ? "" : "\n\n" + standings.tables)
  }

  private func progress(of sight: ResultWatch.Sight) -> String {
    let finished = max(sight.ends.count, sight.writer?.finished ?? 0)
    var line = "\(finished)"
    if let planned = sight.planned {
      line += "/\(planned) runs (\(planned == 0 ? 100 : 100 * finished / planned)%)"
    } else {
      line += " runs"
    }
    if sight.isComplete { return line + ", complete" }
    guard sight.isBeingWritten else {
      return line + "; nobody trains it now: 'optbench run' goes on where it stopped"
    }
    guard let writer = sight.writer else { return line + ", a process is at it" }
    line += ", \(NumberText.count(writer.jobs, "job")), \(duration(writer.elapsedSeconds)) so far"
    if writer.remainingSeconds.isFinite { line += ", \(duration(writer.remainingSeconds)) left" }
    return line
  }

  private func json(of sight: ResultWatch.Sight) -> String {
    StandingsJSON(
      title: sight.title, planned: sight.planned, isComplete: sight.isComplete,
      isBeingWritten: sight.isBeingWritten, elapsedSeconds: sight.writer?.elapsedSeconds,
      remainingSeconds: sight.writer?.remainingSeconds, latestFailure: sight.latestFailure,
      ends: sight.ends
    ).text
  }
}
