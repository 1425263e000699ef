import Analysis
import ArgumentParser
import Files
import Records
import Reports
import Storage

/// `optbench export`: the trajectories of a result for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the trajectories of stored runs for other programs.",
    discussion: """
      csv writes steps.csv and evaluations.csv, a row for each step and evaluation of each run; \
      tensorboard writes one event file a run, in DIR/<problem>/<run>; torch writes one method as PyTorch \
      code, with the learning rate that was found best: the one that 'optbench recommend' names, of a grid the first of the \
      ranking, or that of --method. A result itself opens in h5py, \
      xarray, netCDF and R as it is: export is for what reads no HDF5.

      EXAMPLES
        optbench export results/rosenbrock.h5 --to csv --output rosenbrock-csv
        optbench export results/rosenbrock.h5 --to tensorboard --method adam --output events
        tensorboard --logdir events
        optbench export results/digits-depth.h5 --to torch --problem digits-depth-6 --output method.py
      """)

  enum Target: String, ExpressibleByArgument, CaseIterable { case csv, tensorboard, torch }

  @Argument(help: "The result file (HDF5).", completion: .file(extensions: ["h5"]))
  var file: String

  @Option(name: .customLong("to"), help: "What for.")
  var target: Target

  @Option(help: "The folder to write into, made if it is missing; for torch the file.")
  var output: String

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "Only this run: its key, or problem/key; may be given several times.", valueName: "key"))
  var keys: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only runs of this method: an optimizer's label, or with its clipping strategy as reports have it; may be given several times.",
      valueName: "label"))
  var method: [String] = []

  @Option(help: "Only runs of this problem; may be given several times.")
  var problem: [String] = []
}

extension ExportCommand {
  func run() throws {
    try reportingErrors {
      let record = try RunArchive.read(file)
      if target == .torch { return try writeCode(of: record) }
      let runs = try chosen(among: record)
      switch target {
      case .csv: try writeTables(of: runs)
      case .tensorboard: try writeEvents(of: runs)
      case .torch: break
      }
    }
  }

  private func chosen(among record: ExperimentRecord) throws -> [RunRecord] {
    func names(_ run: RunRecord) -> [String] {
      [run.key.run, "\(run.key.problem)/\(run.key.run)"]
    }
    func methods(_ run: RunRecord) -> [String] {
      [run.optimizer, "\(run.optimizer) + \(run.clipping)", "\(run.optimizer) × \(run.clipping)"]
    }
    let choices: [(option: String, values: [String], names: (RunRecord) -> [String])] = [
      ("--run", keys, names), ("--method", method, methods),
      ("--problem", problem, { [$0.key.problem] }),
    ]
    var runs = record.runs
    for choice in choices where !choice.values.isEmpty {
      let known = Set(record.runs.flatMap(choice.names))
      if let unknown = choice.values.first(where: { !known.contains($0) }) {
        let example = record.runs.first.map { choice.names($0)[0] } ?? ""
        throw CommandFailure(
          "\(file): \(choice.option) '\(unknown)': there is none; the first of the file is '\(example)'"
        )
      }
      runs = runs.filter { run in choice.names(run).contains { choice.values.contains($0) } }
    }
    guard !runs.isEmpty else {
      throw CommandFailure(
        record.runs.isEmpty
          ? "\(file): it holds no run yet"
          : "\(file): no run meets all of --run, --method and --problem; leave one of them out")
    }
    return runs
  }

  /// The chosen method of one problem.
  private func writeCode(of record: ExperimentRecord) throws {
    guard keys.isEmpty else {
      throw CommandFailure("--to torch writes a method, not a run: give --method in place of --run")
    }
    guard method.count <= 1, problem.count <= 1 else {
      throw CommandFailure(
        "--to torch writes one method of one problem: give --method and --problem once")
    }
    let analysis = ExperimentAnalysis(of: record)
    let names = analysis.problems.map(\.problem.name)
    let found = analysis.problems.filter { problem.isEmpty || problem == [$0.problem.name] }
    guard let chosen = found.first, found.count == 1 else {
      throw CommandFailure(
        found.isEmpty
          ? "\(file): --problem '\(problem.first ?? "")': there is none; there are \(names.joined(separator: ", "))"
          : "\(file): it holds several problems; give --problem, one of \(names.joined(separator: ", "))"
      )
    }
    do {
      let code = try TorchCode(
        ChosenMethod(method.first, in: chosen), problem: chosen.problem.name,
        steps: chosen.problem.steps,
        source: "\(fileName(of: file)), content \(record.contentDigest)")
      try WholeFile.write(code.text, to: output)
    } catch let error as ChosenMethod.Absence {
      throw CommandFailure("\(file): \(error)")
    } catch let error as TorchCode.Missing {
      throw CommandFailure("\(file): \(error)")
    }
    try printAnswer(output, isExact: true)
  }

  /// Two tables, each written run by run and whole or not at all.
  private func writeTables(of runs: [RunRecord]) throws {
    try createFolder(output)
    let rows = RunRows(runs)
    for (name, head, body) in [
      ("steps.csv", rows.stepHead, rows.steps),
      ("evaluations.csv", rows.evaluationHead, rows.evaluations),
    ] {
      let path = "\(output)/\(name)"
      var table = try WholeFile(Destination(path), replacing: .anyFile)
      try table.append(Array(head.utf8))
      for run in runs { try table.append(Array(body(run).utf8)) }
      try table.publish()
      try printAnswer(path, isExact: true)
    }
  }

  private func writeEvents(of runs: [RunRecord]) throws {
    var taken: Set<String> = []
    for run in runs {
      var folder = "\(Self.plain(run.key.problem))/\(Self.plain(run.key.run))"
      while !taken.insert(folder).inserted { folder += "_" }
      try createFolder("\(output)/\(folder)")
      try WholeFile.write(
        bytes: TensorBoardEvents(run).bytes,
        to: "\(output)/\(folder)/events.out.tfevents.0000000000.optbench")
    }
    try printAnswer(output, isExact: true)
  }

  /// A name of a folder on any system.
  private static func plain(_ text: String) -> String {
    let name = String(
      text.unicodeScalars.map { scalar -> Character in
        let isPlain =
          scalar.isASCII
          && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            || "._=+()- ".unicodeScalars.contains(scalar))
        return isPlain ? Character(scalar) : "_"
      })
    return String((name.hasPrefix(".") ? "_" + name : name).prefix(200))
  }
}
