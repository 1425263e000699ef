import ArgumentParser
import Experiments
import Files
import Foundation
import Processes
import Records
import Reports

/// The command line: arguments in, text and exit codes out.
@main
struct OptBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optbench",
    abstract: "Compares optimizers and gradient-clipping strategies: who explodes, who converges.",
    discussion: """
      An experiment file names test problems, optimizers, clipping strategies, learning rates and \
      seeds. `run` trains every combination on identical models and batches and keeps every \
      trajectory, failed runs included; `report` ranks stability and convergence.

      EXAMPLES
        optbench run experiments/fashion-mnist-mlp.yml
        optbench watch results/fashion-mnist-mlp.h5
        optbench report results/fashion-mnist-mlp.h5 --output results/fashion-mnist-mlp
        optbench gate --baseline results/baseline/gate.h5 --current results/gate.h5
        optbench inspect results/fashion-mnist-mlp.h5
        optbench list optimizers

      EXIT CODES
        0 done, 1 a gate failed or a claim does not hold, 2 could not do what was asked, 64 usage, \
        75 try again (shards, time limits), 130 interrupted
      """,
    version: Provenance.version,
    subcommands: [
      RunCommand.self, SubmitCommand.self, WatchCommand.self, ReportCommand.self,
      RecommendCommand.self,
      GateCommand.self,
      VerifyClaimCommand.self,
      InspectCommand.self, ExportCommand.self, ListCommand.self,
      ImportCommand.self, RankCommand.self, MergeCommand.self, DigestCommand.self,
      VerifyCommand.self, ReplayCommand.self, TraceCommand.self,
      RepairCommand.self,
      SalvageCommand.self,
    ]
  )

  /// The parser's own `main` prints help and version without looking whether they arrive.
  static func main() {
    StopSignal.usePlainSignals()
    if ResourceLimits.addressSpace() != nil {
      ResourceLimits.endOnFault(
        exitCode: 2,
        "optbench: not enough memory: the memory of this process is limited (ulimit -v or -d); raise the limit, or use fewer --jobs\n"
      )
    }
    do {
      try requireOpenFiles()
      var command = try parseAsRoot()
      try command.run()
    } catch {
      finish(with: error)
    }
  }

  private static func finish(with error: any Error) -> Never {
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    guard code == .success else {
      if !message.isEmpty { writeToStandardError(message.printable + "\n") }
      end(withCode: code.rawValue)
    }
    do {
      try reportingErrors { if !message.isEmpty { try printAnswer(message) } }
    } catch {
      end(withCode: exitCode(for: error).rawValue)
    }
    end(withCode: 0)
  }

  /// The files that a command opens beside those of the problem.
  private static let openFilesNeeded = 16

  private static func requireOpenFiles() throws {
    try reportingErrors {
      let allowed = ResourceLimits.openFiles()
      guard allowed < openFilesNeeded else { return }
      throw CommandFailure(
        "this process may have \(allowed) files open at a time, and needs \(openFilesNeeded); "
          + "raise the limit (ulimit -n)")
    }
  }
}

/// Ends the program.
private func end(withCode code: Int32) -> Never { exit(code) }
