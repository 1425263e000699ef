import Analysis
import ArgumentParser
import Experiments
import Foundation
import LinearAlgebra
import Problems
import Processes
import Records
import Storage

/// `optbench replay`: trains a stored run once more and compares.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Trains a stored run once more, and says whether the bits agree.",
    discussion: """
      Where they do not, it names the step and the series at which the two part. The experiment file is \
      the one in the result; its relative paths are taken from the working directory, or name the file \
      with --experiment. Nothing is written.

      Exit codes: 0 every bit agrees, 1 they part, 2 the run cannot be trained.

      EXAMPLES
        optbench replay results/rosenbrock.h5 --run 'adam none lr=0.1 seed=3'
        optbench replay results/digits.h5 --run 'digits/sgd none lr=1 seed=0' --from 100
      """)

  @Argument(help: "The result file (HDF5).", completion: .file(extensions: ["h5"]))
  var file: String

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "The run: its key, or problem/key where several problems have it.", valueName: "key"))
  var runKey: String

  @Option(
    help: ArgumentHelp(
      "Compare from this step on. Training begins at the start in any case.", valueName: "step"))
  var from = 0

  @Option(help: "The experiment file, in place of the one in the result.")
  var experiment: String?

  @Option(
    help: "The widest instruction set oneDNN may use, such as avx2. (default: what the CPU has)")
  var isa: String?

  func validate() throws {
    if from < 0 { throw ValidationError("--from \(from): give a step, from 0") }
  }

  func run() throws {
    var isSame = false
    try reportingErrors {
      if let isa { try Libraries.limitInstructionSet(to: isa) }
      let record = try RunArchive.read(file)
      let stored = try record.run(called: runKey, file: file)
      guard from == 0 || from < stored.trajectory.steps else {
        throw CommandFailure(
          "--from \(from): the run recorded steps 0 to \(stored.trajectory.steps - 1)")
      }
      guard stored.outcome != .objectiveFailed, stored.outcome != .timedOut else {
        throw CommandFailure(
          "\(file): the run ended as \(stored.outcome.rawValue), which its experiment does not determine"
        )
      }
      StopSignal.listen(stopping: "", stopped: "\ninterrupted\n")
      let (plan, planned) = try find(stored, in: record)
      sayOrigin(of: stored, in: record)
      guard
        let replay = RunReplay(
          of: stored, as: planned, in: plan, from: from,
          isCancelled: { StopSignal.isRequested })
      else { throw ExitCode(StopSignal.exitCode) }
      isSame =
        replay.difference == nil && replay.compared.contentDigest == stored.contentDigest
      try printAnswer(text(of: replay, stored))
    }
    if !isSame { throw ExitCode(1) }
  }

  private func find(
    _ stored: RunRecord, in record: ExperimentRecord
  ) throws -> (ExperimentPlan, PlannedRun) {
    let choice = ExperimentChoice(file: experiment ?? file, mostRuns: .max)
    let spec =
      try experiment == nil ? ExperimentSpec(record.header.spec, file: file) : choice.spec()
    let plan = try ExperimentPlan(
      spec,
      baseDirectory: experiment.map {
        URL(fileURLWithPath: $0).deletingLastPathComponent().path
      } ?? FileManager.default.currentDirectoryPath, mostRuns: .max)
    guard let planned = try plan.run(stored.key, among: record.runs) else {
      throw CommandFailure(
        "\(experiment ?? file): the experiment file plans no run '\(stored.key.run)' on "
          + "\(stored.key.problem); give the one that made it with --experiment")
    }
    let identity = plan.runIdentity(of: planned)
    guard stored.identity.isEmpty || stored.identity == identity else {
      throw CommandFailure(
        "\(file): the run '\(stored.key.run)' was determined by something else than what the experiment "
          + "file and its data say now")
    }
    let problem = record.header.problems.first { $0.name == stored.key.problem }
    let data = plan.problems[planned.problem].dataDigest
    guard let known = problem?.dataDigest, !known.isEmpty, known != data else {
      return (plan, planned)
    }
    throw CommandFailure(
      "\(file): the data of \(stored.key.problem) have another digest now, \(data.prefix(12)), than "
        + "when the run was made, \(known.prefix(12))")
  }

  /// What the run was made with, where that is not what trains it now.
  private func sayOrigin(of stored: RunRecord, in record: ExperimentRecord) {
    let now = Provenance.probe(hdf5Version: RunArchive.hdf5Version, flushDenormals: true)
    let differences = (stored.provenance ?? record.header.provenance).differences(from: now)
    guard !differences.isEmpty else { return }
    printDiagnostic(
      "the run was made by another program or on another machine (then, now): "
        + differences.map(\.description).joined(separator: ", "))
  }

  private func text(of replay: RunReplay, _ stored: RunRecord) -> String {
    let name = "\(stored.key.run) on \(stored.key.problem)"
    let span = from > 0 ? "steps \(from) to" : "steps 0 to"
    guard let difference = replay.difference else {
      guard replay.compared.contentDigest == stored.contentDigest else {
        return
          "\(name): the numbers agree, but not the bits: a zero has another sign, or what was recorded of "
          + "the tensors differs"
      }
      return
        "\(name): the bits agree, \(span) \(stored.trajectory.steps - 1), \(stored.outcome.rawValue)"
    }
    let place =
      switch difference.place {
      case .start(let what): "before the first step, in its \(what)"
      case .step(let step, let series): "at step \(step), in \(series)"
      case .evaluation(let step, let metric): "at the evaluation after \(step) steps, in \(metric)"
      case .summary(let what): "in \(what)"
      }
    var line = "\(name): parts \(place)"
    if let stored = difference.baseline, let now = difference.current {
      line += ": \(stored) stored, \(now) now"
      if let units = difference.unitsInLastPlace { line += " (\(units) units in the last place)" }
    } else if let texts = difference.texts {
      let (stored, now) = (texts.baseline ?? "nothing", texts.current ?? "nothing")
      line += ": \(stored.prefix(40)) stored, \(now.prefix(40)) now"
    }
    return line
  }
}
