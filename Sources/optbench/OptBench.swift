import ArgumentParser
import Experiments
import Foundation
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
        optbench report results/fashion-mnist-mlp.h5 --output results/fashion-mnist-mlp
        optbench gate --baseline results/baseline/gate.h5 --current results/gate.h5
        optbench inspect results/fashion-mnist-mlp.h5
        optbench list optimizers

      EXIT CODES
        0 done, 1 a gate failed, 2 could not do what was asked, 64 usage, 130 interrupted
      """,
    version: Provenance.version,
    subcommands: [
      RunCommand.self, ReportCommand.self, GateCommand.self, InspectCommand.self, ListCommand.self,
      TraceCommand.self,
    ]
  )

  /// Runs the command that the arguments name. What is said of wrong arguments may quote them.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      if code.isSuccess {
        try? printAnswer(message)
      } else if !message.isEmpty {
        writeToStandardError(message.printable + "\n")
      }
      Foundation.exit(code.rawValue)
    }
  }
}
