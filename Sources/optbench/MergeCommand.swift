import ArgumentParser
import Experiments
import Foundation
import Records
import Storage

/// `optbench merge`: the runs of several result files in one.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Puts the runs of several result files into one.",
    discussion: """
      For an experiment whose seeds, optimizers, learning rates, clips or problems were trained apart, \
      such as on several machines. Problems and data, budget and stops must be the same; a run that \
      several files hold must have the same content, or nothing is written. The result's experiment \
      file names the runs of all: running it trains what is missing.

      With --experiment it gathers the shards of that experiment (optbench run --shard i/n), which need not \
      be named, in the result: one that is there grows. The exit code is 75 while runs are missing, of this \
      round or of the next one of an adaptive plan.

      EXAMPLES
        optbench run experiment.yml --seeds 0-4 --output a.h5
        optbench run experiment.yml --seeds 5-9 --output b.h5
        optbench merge a.h5 b.h5 --output both.h5
        optbench merge --experiment experiment.yml --output results/experiment.h5
      """)

  @Argument(help: "Result files (HDF5).", completion: .file(extensions: ["h5"]))
  var files: [String] = []

  @Option(
    help: "The merged result; there must be no file of that name, unless shards are gathered in it."
  )
  var output: String

  @Option(
    help: "The experiment file whose shards are gathered.",
    completion: .file(extensions: ["yml", "yaml"]))
  var experiment: String?

  @Option(help: "As with optbench run.")
  var seeds: String?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("As with optbench run.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(help: "As with optbench run.")
  var maxRuns: Int?

  @Flag(help: "Keep the shards whose runs are in the result.")
  var keepShards = false

  func validate() throws {
    if experiment == nil, files.isEmpty {
      throw ValidationError("give result files, or --experiment FILE to gather its shards")
    }
    if experiment != nil, !files.isEmpty {
      throw ValidationError("the shards of --experiment are found beside --output; give no files")
    }
  }

  func run() throws {
    if let experiment { return try gather(experiment) }
    try reportingErrors {
      guard !FileManager.default.fileExists(atPath: output) else {
        throw CommandFailure("\(output): there is a file already; give another name to --output")
      }
      var parts: [(file: String, record: ExperimentRecord)] = []
      for file in files { parts.append((file, try RunArchive.read(file))) }
      let union = try ExperimentUnion(parts.map { (file: $0.file, text: $0.record.header.spec) })
      let merged = try ExperimentRecord(
        merging: parts, spec: union.text, specDigest: union.digest)
      let archive = try RunArchive(path: output, header: merged.header)
      for run in merged.runs { try archive.keep(run) }
      try archive.publish(order: merged.runs.map(\.key))
      for line in places(of: parts) { printDiagnostic(line) }
      try printAnswer(output, isExact: true)
    }
  }

  /// Gathers the shards of an experiment in its result.
  private func gather(_ experiment: String) throws {
    try reportingErrors {
      let choice = ExperimentChoice(
        file: experiment, seeds: seeds, overrides: overrides, mostRuns: maxRuns)
      let plan = try choice.plan(try choice.spec())
      let header = plan.header(
        provenance: .probe(hdf5Version: RunArchive.hdf5Version, flushDenormals: true))
      let archive = try open(header)
      for warning in archive.warnings { printDiagnostic(warning) }
      var merger = ShardMerger(into: output, header: header)
      try merger.gather(into: archive)
      let end = try ExperimentRunner(plan: plan, jobs: 1).publish(into: archive)
      if !keepShards { try merger.removeGathered(from: archive) }
      for notice in merger.notices { printDiagnostic(notice) }
      try printAnswer(output, isExact: true)
      guard case .missing(let round, let runs) = end else { return }
      printDiagnostic("\(runs) runs of round \(round) are missing: train them and merge again")
      throw ExitCode.tryAgain
    }
  }

  private func open(_ header: ExperimentHeader) throws -> RunArchive {
    do {
      return try RunArchive(path: output, header: header)
    } catch {
      guard error.kind == .inUse else { throw error }
      printDiagnostic("\(error)")
      throw ExitCode.tryAgain
    }
  }

  /// What to say of results that were not made with the same machine and program.
  private func places(of parts: [(file: String, record: ExperimentRecord)]) -> [String] {
    func place(_ record: ExperimentRecord) -> String {
      let made = record.header.provenance
      return "\(made.cpu) (\(made.isa)), revision \(made.gitRevision)"
    }
    guard let first = parts.first else { return [] }
    return parts.dropFirst().filter { place($0.record) != place(first.record) }.map { part in
      "\(part.file) was made on \(place(part.record)), but \(first.file) on \(place(first.record)); "
        + "the merged file says of each run where it was made"
    }
  }
}
