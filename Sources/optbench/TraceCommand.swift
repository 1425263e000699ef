import ArgumentParser
import Experiments
import Foundation
import Problems
import Settings

/// `optbench trace`: a method's steps one by one.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Replays a method on given gradients, for anyone who writes or ports an optimizer.",
    discussion: """
      METHOD.yml holds `optimizer:`, `clipping:`, `learning_rate:` and `schedule:` in the words of an \
      experiment file; without `optimizer:` it shows what the clipping does alone.

      FILE.json holds {"parameters": [{"name", "shape", "role", "values"}, …], "gradients": [[…], …], \
      "losses": […], "second_gradients": [[…], …]}: a flat list of all tensors' numbers, row-major, for \
      each step; the last two where the method needs them. "nan", "inf" and "-inf" are texts.

      A method that asks for gradients elsewhere, such as sam or lbfgs, needs --problem. A function \
      starts from its standard start, or with --seed from where a run of that seed starts.

      Prints JSON: parameters, evaluated (where it differs), clipped_gradients, telemetry and \
      learning_rate, one entry for each step.

      EXAMPLES
        optbench trace --method adam.yml --gradients steps.json
        optbench trace --method sam.yml --problem rosenbrock-2d --steps 20
      """)

  @Option(help: "The method file (YAML).", completion: .file(extensions: ["yml", "yaml"]))
  var method: String

  @Option(help: "The parameters and gradients (JSON).", completion: .file(extensions: ["json"]))
  var gradients: String?

  @Option(help: "A named problem or a function, in place of gradients.")
  var problem: String?

  @Option(help: "Steps on the problem. (default: 100)")
  var steps: Int?

  @Option(help: "The run's seed on the problem.")
  var seed: Int?

  func validate() throws {
    guard (gradients == nil) != (problem == nil) else {
      throw ValidationError("Give either --gradients or --problem.")
    }
    if gradients != nil, steps != nil || seed != nil {
      throw ValidationError("--steps and --seed go with --problem; gradients are a step each.")
    }
    if let steps, !(0...10_000_000).contains(steps) {
      throw ValidationError("--steps \(steps): give 0 to 10000000.")
    }
    if let seed, !(0...Int(Int32.max)).contains(seed) {
      throw ValidationError("--seed \(seed): give 0 to \(Int32.max).")
    }
  }

  func run() throws {
    try reportingErrors {
      let method = try MethodFile(readText(method), file: method)
      let trace: Trace
      if let gradients {
        let given = try GivenGradients(Data(readText(gradients).utf8), file: gradients)
        trace = try Trace(method, on: given)
      } else {
        trace = try Trace(method, on: makeProblem(), steps: steps ?? 100, seed: seed)
      }
      try printAnswer(trace.json, isExact: true)
    }
  }

  private func makeProblem() throws -> any TestProblem {
    let name = problem ?? ""
    let functions = Functions.catalog.names
    let problems = NamedProblems.catalog.names
    guard functions.contains(name) || problems.contains(name) else {
      let candidates = problems + functions
      throw CommandFailure(
        "--problem \(name): \(unknownName(name, kind: "problem", candidates: candidates))")
    }
    let text = problems.contains(name) ? name : "{name: \(name), function: \(name)}"
    var datasets = LoadedDatasets()
    return try ProblemSpec.read(Setting.parse(text, file: "--problem")).make(
      using: &datasets, baseDirectory: ".")
  }
}
