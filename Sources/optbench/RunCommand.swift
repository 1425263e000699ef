import Analysis
import ArgumentParser
import Experiments
import Files
import Foundation
import LinearAlgebra
import Optimizers
import Processes
import Records
import Reports
import Settings
import Storage
import Synchronization

/// `optbench run`: trains the runs of an experiment file.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract:
      "Trains every run of an experiment file and stores the trajectories in one HDF5 file.",
    discussion: """
      Finished runs are kept one by one, so an interrupted experiment goes on where it stopped, and \
      a finished one does nothing. The result does not depend on the number of jobs.

      EXAMPLES
        optbench run experiments/digits-depth.yml
        optbench run experiments/digits-depth.yml --jobs 8 --output /data/digits-depth.h5
        optbench run experiments/digits-depth.yml --seeds 3 --output quick.h5
        optbench run experiments/digits-depth.yml --dry-run
        optbench run experiments/digits-depth.yml --log-format json 2> log.jsonl
        optbench run experiments/digits-depth.yml --alert 'failure_rate(adam) > 0.5'
        optbench run experiments/digits-depth.yml --set name=x5 --set budget.gradient_evaluations=3000
      """)

  @Argument(help: "The experiment file (YAML).", completion: .file(extensions: ["yml", "yaml"]))
  var file: String

  @Option(
    parsing: .unconditional, help: "Runs trained at the same time. (default: one for each core)")
  var jobs: Int?

  @Option(help: "The result file. (default: results/<name>.h5)")
  var output: String?

  @Option(help: "Seeds in place of the file's: a count such as 10, a range 5-9 or a list 0,1,4.")
  var seeds: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A value in place of the file's, such as budget.steps=500; may be given several times.",
      valueName: "key=value"))
  var overrides: [String] = []

  @Option(
    help: "The most runs that a file may plan. (default: \(ExperimentPlan.defaultMostRuns))")
  var maxRuns: Int?

  @Option(
    help: ArgumentHelp(
      "Train only every n-th run, into a result of the shard's own: 0/8 to 7/8 (docs/cluster.md).",
      valueName: "i/n"))
  var shard: String?

  @Option(
    help: ArgumentHelp(
      "Stop after this time, such as 90s, 45m, 12h or 1-12:00:00, as Ctrl-C does, with exit code 75.",
      valueName: "time"))
  var timeLimit: TimeSpan?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Give way to other processes, by 1 to 19.", valueName: "increment"))
  var nice: Int?

  @Flag(help: "Print the runs, steps and estimated time, and train nothing.")
  var dryRun = false

  @Flag(help: "Keep the journal of finished runs beside the result.")
  var keepRuns = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Minutes between two checkpoints of a run on its way; one more is made when it is stopped. 0 for none.",
      valueName: "minutes"))
  var checkpointEvery = 5.0

  @Option(
    help: "The widest instruction set oneDNN may use, such as avx2. (default: what the CPU has)")
  var isa: String?

  @Flag(help: "Show no progress.")
  var quiet = false

  @Option(help: "How progress and messages are written to standard error.")
  var logFormat: LogFormat = .text

  @Option(
    help: ArgumentHelp(
      "Say so once this holds, such as 'failure_rate > 0.5'; may be given several times.",
      valueName: "condition"))
  var alert: [String] = []

  func run() throws {
    try reportingErrors {
      Diagnostics.logFormat.withLock { $0 = logFormat }
      let alerts = try alert.map { try Alert($0) }
      let jobs = self.jobs ?? AvailableCores.count
      guard jobs > 0 else { throw CommandFailure("--jobs \(jobs): give at least 1") }
      let part = shard.flatMap { Shard($0) }
      if let shard, part == nil {
        throw CommandFailure(
          "--shard \(shard): give the number of the shard, from 0, and how many there are, such as 0/8 to 7/8"
        )
      }
      guard checkpointEvery >= 0 else {
        throw CommandFailure("--checkpoint-every \(checkpointEvery): give minutes, or 0 for none")
      }
      if let nice {
        guard (1...19).contains(nice), ResourceLimits.giveWay(by: nice) else {
          throw CommandFailure("--nice \(nice): give 1 to 19")
        }
      }
      if let isa { try Libraries.limitInstructionSet(to: isa) }
      let spec = try choice.spec()
      let path = output ?? "results/\(spec.name).h5"
      try requireWritable(path)
      if dryRun {
        try printDryRun(spec, jobs: jobs, path: path)
      } else {
        try train(spec, jobs: jobs, path: path, alerts: alerts, part)
      }
    }
  }

  private var choice: ExperimentChoice {
    ExperimentChoice(file: file, seeds: seeds, overrides: overrides, mostRuns: maxRuns)
  }

  private func printDryRun(_ spec: ExperimentSpec, jobs: Int, path: String) throws {
    let plan = try choice.plan(spec)
    try plan.requireMemory(jobs: min(jobs, plan.runs.count))
    let header = plan.header(provenance: Provenance())
    let (finished, notice) = try Self.explaining(header) { () throws(StorageError) in
      try RunArchive.preview(path: path, header: header)
    }
    if let notice { printDiagnostic(notice) }
    warn(plan.warnings)
    let estimate = try RuntimeEstimate(plan)
    var lines = [
      spec.title,
      "  result       \(path)",
      "  optimizers   \(spec.optimizers.map(\.label).joined(separator: ", "))",
      "  clipping     \(spec.clippings.map(\.label).joined(separator: ", "))",
      "  seeds        \(spec.seeds.map(String.init).joined(separator: ", "))",
    ]
    if let tuning = spec.protocol.tuning {
      lines += [
        "  protocol     robust: at most \(tuning.rates) learning rates for each method, then it at "
          + "\(StressLadder.multiples.count) multiples of its own",
        "  tuning       seeds \(tuning.seeds.map(String.init).joined(separator: ", "))",
      ]
      lines += spec.searchLines.map { "  search       \($0)" }
    }
    for problem in estimate.problems {
      lines.append(
        "  problem      \(problem.name): \(problem.runs) runs × \(stepCounts(problem)) steps, "
          + "\(stepTimes(problem)), an evaluation \(duration(problem.secondsPerEvaluation))")
    }
    let atMost = spec.protocol == .grid ? "" : "at most "
    lines.append(
      "  runs         \(atMost)\(plan.mostRuns(among: plan.runs))"
        + (finished > 0 ? ", \(finished) of them done" : ""))
    lines.append("  steps        \(atMost)\(plan.plannedSteps)")
    lines.append(
      "  estimated    \(duration(estimate.seconds(jobs: jobs))) of training with \(jobs) jobs if no "
        + "run ends early; storing a run adds some milliseconds")
    try printAnswer(lines.joined(separator: "\n"))
  }

  /// `500`, or `250 to 500` where a budget of gradient evaluations ends some methods earlier.
  private func stepCounts(_ problem: RuntimeEstimate.Problem) -> String {
    let steps = Set(problem.methods.map(\.steps)).sorted()
    guard let least = steps.first, let most = steps.last, least < most else {
      return "\(steps.first ?? 0)"
    }
    return "\(least) to \(most)"
  }

  /// The time of a step: of the quickest and the slowest optimizer where they differ.
  private func stepTimes(_ problem: RuntimeEstimate.Problem) -> String {
    func time(_ method: RuntimeEstimate.Method) -> String {
      String(format: "%.3g µs a step", method.secondsPerStep * 1e6)
    }
    let sorted = problem.methods.sorted { $0.secondsPerStep < $1.secondsPerStep }
    guard let quickest = sorted.first, let slowest = sorted.last else { return "" }
    return sorted.count == 1
      ? time(quickest)
      : "\(time(quickest)) (\(quickest.optimizer)) to \(time(slowest)) (\(slowest.optimizer))"
  }

  private func train(
    _ spec: ExperimentSpec, jobs: Int, path: String, alerts: [Alert], _ shard: Shard?
  ) throws {
    do {
      try trainOnce(spec, jobs: jobs, path: path, alerts: alerts, shard)
    } catch let error as StorageError where error.kind == .inUse && shard != nil {
      // A batch system may start a task twice.
      printDiagnostic("\(error)")
      throw ExitCode.tryAgain
    }
  }

  private func warn(_ warnings: [String]) {
    for warning in warnings { printDiagnostic(warning) }
  }

  private func trainOnce(
    _ spec: ExperimentSpec, jobs: Int, path: String, alerts: [Alert], _ shard: Shard?
  ) throws {
    let started = ContinuousClock.now
    listenToSignals()
    let plan = try choice.plan(spec)
    let header = plan.header(
      provenance: .probe(hdf5Version: RunArchive.hdf5Version, flushDenormals: true))
    let store = try Self.explaining(header) { () throws(StorageError) in
      try ResultStore(path, shard, header: header, keepsRuns: keepRuns)
    }
    warn(plan.warnings + store.warnings)

    let display: any RunLog =
      switch logFormat {
      case .text: ProgressDisplay(title: spec.name, isQuiet: quiet)
      case .json: JSONRunLog(name: spec.name, result: path, isQuiet: quiet)
      }
    let alerts = AlertWatch(alerts)
    let runner = ExperimentRunner(
      plan: plan, jobs: jobs, checkpointSeconds: checkpointEvery > 0 ? checkpointEvery * 60 : nil)
    let deadline = timeLimit.map { started.advanced(by: Duration.seconds($0.seconds)) }
    let end = try store.run(
      by: runner,
      report: { progress in
        store.say(WriterProgress(progress, jobs: jobs))
        display.show(progress)
        for message in alerts.raised(by: progress) { display.alert(message) }
      },
      isCancelled: {
        if let deadline, ContinuousClock.now >= deadline { return true }
        return StopSignal.isRequested
      })
    display.end(isComplete: end != .cancelled)
    if end == .cancelled {
      throw StopSignal.isRequested ? ExitCode(StopSignal.exitCode) : ExitCode.tryAgain
    }
    if case .missing(let round, let runs) = end {
      printDiagnostic(
        "the shard's runs are finished; \(runs) of other shards are missing in \(path)"
          + (round > 0 ? ", of round \(round)" : ""))
    }
    guard shard == nil else { return try printAnswer(store.path, isExact: true) }
    try printAnswer(path, isExact: true)
    if !quiet, logFormat == .text { printDiagnostic("next: optbench report \(path)") }
  }

  private func listenToSignals() {
    switch logFormat {
    case .text:
      StopSignal.listen(
        stopping: "\nstopping; press Ctrl-C again to leave at once\n",
        stopped:
          "\ninterrupted: the finished runs are kept; the same command goes on where this one stopped\n"
      )
    case .json:
      StopSignal.listen(
        stopping: "{\"event\":\"message\",\"text\":\"stopping\"}\n",
        stopped: "{\"event\":\"end\",\"complete\":false}\n")
    }
  }

  /// The most differences between two experiment files that are told.
  private static let toldDifferences = 6

  /// Runs `body`; a refusal because the file holds another experiment says in what they differ.
  private static func explaining<Value>(
    _ header: ExperimentHeader, _ body: () throws(StorageError) -> Value
  ) throws -> Value {
    do throws(StorageError) {
      return try body()
    } catch {
      guard error.kind == .otherSpec,
        let stored = try? RunArchive.readSummary(error.file).header
      else { throw error }
      let all = differences(ofExperiment: header.spec, from: stored.spec, file: error.file)
      let told = all.prefix(toldDifferences).map { "  \($0)" }
      let rest = all.count - told.count
      throw CommandFailure(
        lines: ["\(error)"] + told + (rest > 0 ? ["  and \(rest) more differences"] : []))
    }
  }
}
