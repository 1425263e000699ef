import ArgumentParser
import Records
import Reports
import Settings
import Storage

/// `optbench inspect`: what a result file holds.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what a result file holds, and checks that it is whole.",
    discussion: """
      Reads every value, so a damaged file is noticed, and compares the content digest with the one \
      stored when the file was written.

      EXAMPLES
        optbench inspect results/rosenbrock.h5
        optbench inspect results/rosenbrock.h5 --format json | jq .content_digest
        optbench inspect results/rosenbrock.h5 --spec > again.yml
        optbench inspect results/rosenbrock.h5 --run 'adam none lr=0.1 seed=3' --around 120
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "The result file (HDF5).", completion: .file(extensions: ["h5"]))
  var file: String

  @Option(help: "How to print it.")
  var format: Format = .text

  @Flag(help: "Print the experiment file that made the result, and nothing else.")
  var spec = false

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "Print the steps of this run: its key, or problem/key where several problems have it.",
      valueName: "key"))
  var runKey: String?

  @Option(
    help: ArgumentHelp(
      "With --run, the step in the middle. (default: where it failed, or else its last)",
      valueName: "step"))
  var around: Int?

  @Option(help: "With --run, the steps before and after it.")
  var window = 8

  func validate() throws {
    if runKey == nil, around != nil { throw ValidationError("--around STEP takes --run KEY") }
    if window < 0 { throw ValidationError("--window \(window): give 0 or more") }
  }

  func run() throws {
    try reportingErrors {
      if let runKey {
        try printAnswer(try steps(of: runKey), terminator: "", isExact: format == .json)
        return
      }
      let stored = try RunArchive.readSummary(file)
      if spec {
        try printAnswer(stored.header.spec, terminator: "", isExact: true)
        return
      }
      let record = try RunArchive.read(file)
      let digest = record.contentDigest
      guard digest == stored.contentDigest else {
        throw CommandFailure(
          "\(file): the content has the digest \(digest), but \(stored.contentDigest) was stored "
            + "when it was written; the file was changed since")
      }
      switch format {
      case .text: try printAnswer(text(of: record, digest: digest))
      case .json: try printAnswer(json(of: record, digest: digest), isExact: true)
      }
    }
  }

  /// The steps of a run, by its key.
  private func steps(of name: String) throws -> String {
    let record = try RunArchive.read(file)
    let run = try record.run(called: name, file: file)
    guard let steps = RunSteps(of: run, around: around, window: window) else {
      let count = run.trajectory.steps
      throw CommandFailure(
        count == 0
          ? "\(file): the run '\(name)' recorded no step"
          : "\(file): the run '\(name)' recorded steps 0 to \(count - 1), not \(around ?? 0)")
    }
    return format == .json ? steps.json : steps.text
  }

  private func text(of record: ExperimentRecord, digest: String) -> String {
    let header = record.header
    let provenance = header.provenance
    let others =
      header.problems.allSatisfy(\.isRecorded)
      ? [] : header.origins.filter { $0 != provenance }
    var lines = [
      header.title,
      "  runs            \(record.runs.count) of \(header.plannedRuns) planned\(unnamed(header))",
      "  content digest  \(digest)",
      "  spec digest     \(header.specDigest)",
    ]
    lines +=
      header.problems.allSatisfy(\.isRecorded) ? recordedOrigin(provenance) : origin(provenance)
    for origin in others {
      let count = record.runs.count { $0.provenance == origin }
      lines.append(
        "  of these        \(count) made \(origin.created) on \(origin.cpu), "
          + "revision \(origin.gitRevision)")
    }
    for problem in header.problems {
      let runs = record.runs(of: problem.name)
      lines.append("")
      lines.append("\(problem.name): \(problem.summary)")
      let parameters = problem.parameterCount > 0 ? "\(problem.parameterCount) parameters, " : ""
      lines.append("  \(parameters)\(problem.steps) steps a run")
      for group in OutcomeCount.groups(of: runs) { lines.append("  \(group.text)") }
    }
    return lines.joined(separator: "\n")
  }

  /// Where runs that optbench trained were made.
  private func origin(_ provenance: Provenance) -> [String] {
    [
      "  created         \(provenance.created) by optbench \(provenance.optbenchVersion), "
        + "revision \(provenance.gitRevision)",
      "  machine         \(provenance.cpu), \(provenance.cores) cores, \(provenance.kernel), "
        + "\(provenance.libcVersion)",
      "  libraries       oneDNN \(provenance.oneDNNVersion) (\(provenance.isa)), "
        + "HDF5 \(provenance.hdf5Version), Swift \(provenance.swiftVersion)",
      "  denormals       \(provenance.flushDenormals ? "flushed to zero" : "as in IEEE 754")",
    ]
  }

  /// The same of runs that were recorded elsewhere, as far as it is known.
  private func recordedOrigin(_ provenance: Provenance) -> [String] {
    let machine = [provenance.cpu, provenance.kernel].filter { !$0.isEmpty }.joined(separator: ", ")
    return [
      "  imported        \(provenance.created) by optbench \(provenance.optbenchVersion)"
    ] + (machine.isEmpty ? [] : ["  machine         \(machine)"])
  }

  /// How many of the runs the experiment file names no longer.
  private func unnamed(_ header: ExperimentHeader) -> String {
    let count = header.plan.count { !$0.isNamed }
    return count == 0 ? "" : ", \(count) of them not in the experiment file any more"
  }

  private func json(of record: ExperimentRecord, digest: String) -> String {
    let header = record.header
    let problems = header.problems.map { problem in
      let groups = OutcomeCount.groups(of: record.runs(of: problem.name)).map(\.json)
      return "{\"name\":\(jsonText(problem.name)),\"summary\":\(jsonText(problem.summary)),"
        + "\"parameter_count\":\(problem.parameterCount > 0 ? "\(problem.parameterCount)" : "null"),\"steps\":\(problem.steps),"
        + "\"methods\":[\(groups.joined(separator: ","))]}"
    }
    let fields = [
      "\"name\":\(jsonText(header.name))", "\"title\":\(jsonText(header.title))",
      "\"runs\":\(record.runs.count)", "\"planned_runs\":\(header.plannedRuns)",
      "\"content_digest\":\(jsonText(digest))", "\"spec_digest\":\(jsonText(header.specDigest))",
      "\"created\":\(jsonText(header.provenance.created))",
      "\"optbench_version\":\(jsonText(header.provenance.optbenchVersion))",
      "\"git_revision\":\(jsonText(header.provenance.gitRevision))",
      "\"problems\":[\(problems.joined(separator: ","))]",
    ]
    return "{" + fields.joined(separator: ",") + "}"
  }
}

/// How the runs of one optimizer with one clipping strategy ended.
private struct OutcomeCount {
  let optimizer: String
  let clipping: String
  let runs: Int
  let outcomes: [(outcome: Outcome, count: Int)]

  static func groups(of runs: [RunRecord]) -> [OutcomeCount] {
    var order: [[String]] = []
    var members: [[String]: [RunRecord]] = [:]
    for run in runs {
      let key = [run.optimizer, run.clipping]
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(run)
    }
    return order.map { key in
      let runs = members[key] ?? []
      let counts = Outcome.allCases.map { outcome in
        (outcome: outcome, count: runs.filter { $0.outcome == outcome }.count)
      }
      return OutcomeCount(
        optimizer: key[0], clipping: key[1], runs: runs.count,
        outcomes: counts.filter { $0.count > 0 })
    }
  }

  var text: String {
    let counts = outcomes.map { "\($0.count) \($0.outcome.rawValue)" }.joined(separator: ", ")
    return "\(optimizer)\(clipping.isEmpty ? "" : " × \(clipping)"): \(counts)"
  }

  var json: String {
    let counts = outcomes.map { "\"\($0.outcome.rawValue)\":\($0.count)" }.joined(separator: ",")
    return "{\"optimizer\":\(jsonText(optimizer)),\"clipping\":\(jsonText(clipping)),"
      + "\"runs\":\(runs),\"outcomes\":{\(counts)}}"
  }
}
