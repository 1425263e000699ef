import ArgumentParser
import Experiments
import Files
import Foundation
import Processes
import Storage

/// `optbench submit`: an experiment as an array of tasks of Slurm.
struct SubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Trains an experiment as a job array of Slurm.",
    discussion: """
      Writes two job scripts beside the result and submits them: an array that trains a shard of the runs \
      in each task, and a job after it that gathers the shards, whatever became of them. Where runs are \
      missing then, since a task died or because an adaptive plan goes on with another round, that job submits \
      both again; it gives up after two turns that brought no run. What tasks had finished is kept in any case.

      Where there is no sbatch, or with --dry-run, it prints the scripts and submits nothing. \
      docs/cluster.md has the same for GNU parallel and Kubernetes.

      EXAMPLES
        optbench submit experiments/all-methods.yml --shards 32
        optbench submit e.yml --shards 8 --sbatch-arg=--partition=cpu --sbatch-arg=--cpus-per-task=16
        optbench submit e.yml --shards 8 --sbatch-arg=--time=4:00:00 --dry-run
        optbench watch results/all-methods.h5
      """)

  @Argument(help: "The experiment file (YAML).", completion: .file(extensions: ["yml", "yaml"]))
  var file: String

  @Option(help: "Tasks of the array: two to four for each that can train at the same time.")
  var shards: Int

  @Option(help: "The result file. (default: results/<name>.h5)")
  var output: String?

  @Option(help: "As with optbench run.")
  var seeds: String?

  @Option(
    name: .customLong("set"), help: ArgumentHelp("As with optbench run.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(help: "As with optbench run.")
  var maxRuns: Int?

  @Option(
    help: ArgumentHelp(
      "Passed on to sbatch for both jobs, such as --sbatch-arg=--partition=cpu; may be given several times.",
      valueName: "argument"))
  var sbatchArg: [String] = []

  @Flag(help: "Print the scripts, write and submit nothing.")
  var dryRun = false
}

extension SubmitCommand {
  func run() throws {
    try reportingErrors {
      guard (1...100_000).contains(shards) else {
        throw CommandFailure("--shards \(shards): give 1 to 100000")
      }
      let choice = ExperimentChoice(
        file: file, seeds: seeds, overrides: overrides, mostRuns: maxRuns)
      let spec = try choice.spec()
      // What is wrong with the file is said now, and not by each task.
      let plan = try choice.plan(spec)
      let path = Self.absolute(output ?? "results/\(spec.name).h5")
      let scripts = SlurmScripts(
        program: Self.absolute(CommandLine.programPath), experiment: Self.absolute(file),
        result: path, name: spec.name, shards: min(shards, max(1, plan.runs.count)),
        options: choice.arguments, sbatchArguments: sbatchArg)
      let sbatch = Self.find("sbatch")
      guard !dryRun, let sbatch else {
        if !dryRun {
          printDiagnostic("there is no sbatch on the PATH: nothing is submitted; the scripts:")
        }
        return try printAnswer(scripts.description, terminator: "", isExact: true)
      }
      try requireWritable(path)
      try createFolder(scripts.folder)
      try createFolder("\(scripts.folder)/logs")
      for script in scripts.files {
        try WholeFile.write(script.text, to: "\(scripts.folder)/\(script.name)")
      }
      let ids = try Self.output(
        of: "/bin/bash", ["\(scripts.folder)/\(SlurmScripts.turn)"], naming: sbatch)
      try printAnswer(ids, terminator: "", isExact: true)
      printDiagnostic("logs in \(scripts.folder)/logs; next: optbench watch \(path)")
    }
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }

  private static func find(_ program: String) -> String? {
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return folders.map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// What a program prints.
  ///
  /// - Throws: With what it said on standard error, if it ends with another exit code than 0.
  private static func output(
    of program: String, _ arguments: [String], naming name: String
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let line =
        said.split(separator: "\n").first.map(String.init)
        ?? "exit code \(process.terminationStatus)"
      throw CommandFailure("\(name) refused the job: \(line)")
    }
    return text
  }
}

extension CommandLine {
  /// The path of this program.
  fileprivate static var programPath: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments.first ?? "optbench"
  }
}

extension ExperimentChoice {
  /// The options that mean the same to `optbench run` and `optbench merge`.
  fileprivate var arguments: [String] {
    var arguments: [String] = []
    if let seeds { arguments += ["--seeds", seeds] }
    for override in overrides { arguments += ["--set", override] }
    if let mostRuns { arguments += ["--max-runs", "\(mostRuns)"] }
    return arguments
  }
}
