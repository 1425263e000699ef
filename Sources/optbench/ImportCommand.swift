import ArgumentParser
import Experiments
import Foundation
import Importers
import Records
import Settings
import Storage

/// `optbench import`: runs that other programs recorded, as a result file.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes a result file of runs that other programs recorded.",
    discussion: """
      Report, gate, inspect, export and merge then work as with runs of optbench. What a log does not say is \
      missing, never zero. Runs end as our own do: a loss that is not finite is a failure, whatever was \
      logged after it. What the log or its folder's name says of optimizer, learning rate and seed \
      (adam-lr0.01-seed3) is taken; the options below stand before it.

      FORMATS
      \(ImportFormat.all.map { "  \($0.name)\(String(repeating: " ", count: max(1, 14 - $0.name.count)))\($0.summary)" }.joined(separator: "\n"))

      EXAMPLES
        optbench import my-experiment.runs --output mine.h5
        optbench import --from csv losses.csv --output mine.h5 --map loss=train_ce --map optimizer=opt
        optbench import --from tensorboard runs --output mine.h5 --problem resnet
        optbench import --from huggingface output/adamw-lr3e-5-seed1 --output tuned.h5
        optbench import --from wandb-csv train_loss.csv val_loss.csv --output mine.h5
        optbench report mine.h5 --output mine
      """)

  @Argument(help: "Files, or folders that are searched for them.", completion: .file())
  var paths: [String]

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      "What recorded them: \(ImportFormat.all.map(\.name).joined(separator: ", ")). (default: journal where there are any, else csv)",
      valueName: "format"))
  var format: String?

  @Option(help: "The result; there must be no file of that name.")
  var output: String

  @Option(help: "The experiment's name. (default: that of the output)")
  var name: String?

  @Option(help: "The experiment's title.")
  var title: String?

  @Option(help: "The problem that all runs trained.")
  var problem: String?

  @Option(help: "The optimizer of all runs.")
  var optimizer: String?

  @Option(help: "The clipping strategy of all runs, 'none' for none. (default: not known)")
  var clipping: String?

  @Option(help: "The learning rate of all runs.")
  var learningRate: Double?

  @Option(help: "The seed of all runs.")
  var seed: Int?

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "The metric or column that has a role, such as loss=train/ce; may be given several times. Roles: \((ImportCommand.columnRoles + MetricMeaning.roles).joined(separator: ", ")).",
      valueName: "role=name"))
  var maps: [String] = []

  @Option(help: "The number that the logs give the first update, 0 or 1. (default: as they look)")
  var firstStep: Int?

  @Option(
    help: ArgumentHelp(
      "What had to be reached, such as validation_loss=0.5.", valueName: "metric=value"))
  var target: String?

  @Flag(
    inversion: .prefixedNo,
    help: "More of the target's metric is better. (default: as its name says)")
  var higherIsBetter: Bool?

  private static let columnRoles = [
    "step", "run", "problem", "optimizer", "clipping", "seed",
  ]

  func run() throws {
    try reportingErrors {
      let name = self.format ?? ImportFormat.usual(of: paths).name
      guard let format = ImportFormat.named(name) else {
        throw CommandFailure(
          "--from \(name): unknown format; allowed: \(ImportFormat.all.map(\.name).joined(separator: ", "))"
        )
      }
      try requireWritable(output)
      guard !FileManager.default.fileExists(atPath: output) else {
        throw CommandFailure("\(output): there is a file already; give another name to --output")
      }
      let options = try options()
      let imported = try format.read(paths.map(Self.telling), options)
      let experiment = try RecordedExperiment(imported.runs, options)
      for note in imported.notes + experiment.notes { printDiagnostic(note) }
      let record = experiment.record
      let archive = try RunArchive(path: output, header: record.header)
      for run in record.runs { try archive.keep(run) }
      try archive.publish(order: record.runs.map(\.key))
      let failed = record.runs.count { $0.outcome.isDiverged }
      printDiagnostic(
        "\(record.runs.count) runs of \(record.header.problems.count) problem(s), \(failed) of them failed"
      )
      try printAnswer(output, isExact: true)
    }
  }

  private func options() throws -> ImportOptions {
    let stem = URL(fileURLWithPath: output).deletingPathExtension().lastPathComponent
    let name = self.name ?? String(stem.map { Self.isPlain($0) ? $0 : "-" })
    guard ExperimentHeader.isName(name) else {
      throw CommandFailure(
        "'\(name)' cannot name an experiment; give --name of letters, digits, '-', '_' and '.', at most 200"
      )
    }
    var options = ImportOptions(name: name)
    options.title = title
    options.problem = problem
    options.optimizer = optimizer
    options.clipping = clipping
    options.learningRate = learningRate
    options.seed = seed
    for map in maps {
      let parts = map.split(separator: "=", maxSplits: 1).map(String.init)
      let roles = Self.columnRoles + MetricMeaning.roles
      guard parts.count == 2, roles.contains(parts[0]) else {
        throw CommandFailure(
          "--map \(map): give role=name; roles are \(roles.joined(separator: ", "))")
      }
      options.names[parts[0]] = parts[1]
    }
    if let firstStep, firstStep != 0, firstStep != 1 {
      throw CommandFailure("--first-step \(firstStep): give 0 or 1")
    }
    options.firstStep = firstStep
    if let target {
      guard let read = LoggedRun.Target(target) else {
        throw CommandFailure("--target \(target): give metric=value, such as validation_loss=0.5")
      }
      options.target = read
    }
    options.isHigherBetter = higherIsBetter
    options.provenance = Provenance()
    options.provenance.optbenchVersion = Provenance.version
    options.provenance.hdf5Version = RunArchive.hdf5Version
    options.provenance.created = ISO8601DateFormatter().string(from: Date())
    return options
  }

  /// A path with the folders above it where its own name may say nothing of the run.
  private static func telling(_ path: String) -> String {
    let isHere = path == "." || path.hasPrefix("..") || path.hasPrefix("./")
    let plain = ["metrics.csv", "trainer_state.json", "training.log", "log.csv", "training.csv"]
    return isHere || plain.contains(path) || path.contains("tfevents") && !path.contains("/")
      ? URL(fileURLWithPath: path).path : path
  }

  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
  }
}
