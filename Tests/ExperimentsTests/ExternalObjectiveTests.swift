import Analysis
import Experiments
import Foundation
import Problems
import Records
import Reports
import Settings
import TestSupport
import Testing

/// Problems that another program computes: what it may do wrong, and that nothing else suffers.
@Suite struct ExternalObjectiveTests {
  nonisolated(unsafe) private static let folder = try? TemporaryFolder()

  /// The program with all its mistakes, compiled once.
  private static let program: Result<String, any Error> = Result {
    let folder = try #require(Self.folder)
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("External/faulty.c").path
    let path = "\(folder.path)/faulty"
    let compiled = try runCommand(["clang", "-O1", "-o", path, source, "-lm"], in: House.folder)
    try #require(compiled.status == 0, "\(compiled.errors)")
    return path
  }

  private func plan(
    _ mistake: String, more: String = "", protocol kind: String = "learning_rate: [0.1]",
    limit: Double = 60
  ) throws -> ExperimentPlan {
    let text = """
      optbench: 1
      name: external
      problems:
        - name: bowl
          external: {command: ["\(try Self.program.get())", \(mistake)], time_limit_seconds: \(limit)}
          \(more)
      optimizers: [sgd, sam]
      \(kind)
      clipping: [none, global-norm]
      seeds: 3
      budget: {steps: 12}
      evaluate: {every: 5}
      """
    return try ExperimentPlan(ExperimentSpec(text, file: "e.yml"), baseDirectory: "")
  }

  private func runs(_ plan: ExperimentPlan, jobs: Int = 2) throws -> [RunRecord] {
    let store = MemoryStore()
    let isComplete = try ExperimentRunner(plan: plan, jobs: jobs)
      .run(into: store, report: { _ in }, isCancelled: { false })
    #expect(isComplete)
    return store.published
  }

  @Test func aHealthyProgramTrainsLikeAFunctionWithAnyNumberOfJobs() throws {
    let plan = try plan("none")
    let runs = try runs(plan, jobs: 1)
    let inParallel = try self.runs(self.plan("none"), jobs: 4)
    #expect(inParallel == runs)
    #expect(runs.count == 12 && runs.allSatisfy { $0.outcome == .completed })
    #expect(runs.allSatisfy { $0.gradientDifference == 0 && $0.messages.isEmpty })
    // x ← 0.9 x.
    let run = try #require(runs.first { $0.optimizer == "sgd" && $0.clipping == "none" })
    var x = (0..<4).map { Float(1 + 0.1 * Double($0)) }
    for step in 0..<12 {
      let loss = Float(x.reduce(0.0) { $0 + 0.5 * Double($1) * Double($1) })
      #expect(abs(run.trajectory[.loss][step] - loss) <= 1e-6 * loss)
      x = x.map { $0 * 0.9 }
    }
    #expect(run.evaluations[.trainAccuracy] == [0.5, 0.5, 0.5, 0.5])
    #expect(run.evaluations[.testLoss].allSatisfy { $0.isNaN })
    for seed in 0..<3 {
      let own = runs.filter { $0.seed == seed }
      #expect(Set(own.map(\.initialParametersDigest)).count == 1)
      #expect(Set(own.map(\.dataOrderDigest)).count == 1)
    }
    #expect(Set(runs.map(\.dataOrderDigest)).count == 3)
    // Two gradients a step, of which one may move what the program keeps.
    let sam = try #require(runs.first { $0.optimizer != "sgd" })
    #expect(sam.gradientEvaluations == 24)
  }

  @Test func stateOfTheProgramMovesOnceAStep() throws {
    for run in try runs(plan("buffers")) where run.clipping == "none" && run.optimizer == "sgd" {
      // The last gradient is the number of steps.
      let norms = run.trajectory[.gradientNorm]
      #expect(norms[11] > 12 && norms[11] < 13 && norms[0] > 1 && norms[0] < 3)
    }
    let problem = try plan("buffers").problems[0]
    #expect(problem.keepsStateElsewhere)
  }

  @Test(arguments: [
    ("exits", "ended with code 3", 3), ("crashes", "killed by signal 6", 3),
    ("hangs", "no answer within 0.5 s", 3), ("prints", "'epoch 1'", 3),
    ("twice", "more than one", 3), ("other", "was asked request", 3),
    ("no-loss", "without writing the loss", 3), ("no-gradient", "without writing the gradient", 3),
    ("error", "gradient has shape (3,)", 3),
  ])
  func aFailureEndsItsRunAlone(mistake: String, reason: String, step: Int) throws {
    let plan = try plan(mistake, limit: mistake == "hangs" ? 0.5 : 60)
    let healthy = try runs(self.plan("none"))
    for (run, whole) in zip(try runs(plan), healthy) {
      guard run.seed == 1 else {
        #expect(run.outcome == .completed)
        #expect(run.trajectory == whole.trajectory)
        continue
      }
      // A second answer may come so late that it meets the next request.
      let late = mistake == "twice" ? 1 : 0
      #expect(run.outcome == .objectiveFailed)
      #expect((step...step + late).contains(run.failureStep))
      #expect(run.failureTensor.contains(reason), "\(run.failureTensor)")
      #expect(!run.failureTensor.contains("\n"))
      #expect(run.trajectory.steps == run.failureStep)
      guard mistake == "exits" else { continue }
      #expect(run.messages == "out of\nmemory")
      let steps = try #require(RunSteps(of: run, around: nil, window: 2))
      #expect(steps.text.contains("wrote last:\n  out of\n  memory\n"))
      let record = ExperimentRecord(header: plan.header(provenance: Provenance()), runs: [run])
      let report = ReportFormat.markdown.render(Report(ExperimentAnalysis(of: record)))
      #expect(report.map(\.contents).joined().contains("1 run: '"))
    }
  }

  @Test func aLossThatIsNoNumberIsTheMethodsDoing() throws {
    for run in try runs(plan("nan")) {
      #expect(run.outcome == (run.seed == 1 ? .nonfinite : .completed))
    }
  }

  @Test(arguments: [
    ("parameters", "draw them from the seed alone"),
    ("batches", "draw the batch of a step from seed and step alone"),
    ("accuracy", "the accuracy 1.5"),
  ])
  func whatDiffersFromRunToRunIsRefused(mistake: String, reason: String) throws {
    let failed = try runs(plan(mistake), jobs: 2).filter { $0.outcome == .objectiveFailed }
    #expect(!failed.isEmpty)
    #expect(failed.allSatisfy { $0.failureTensor.contains(reason) }, "\(failed[0].failureTensor)")
  }

  @Test(arguments: [
    ("ends-at-once", "ended with code 7"), ("prints-first", "'loading'"),
    ("zero", "no parameters"), ("no-numbers", "allowed: an integer from 1"),
    ("huge", "more than 2147483647 parameters"), ("dtype", "is of float64"),
    ("names", "two tensors are called 'w'"), ("nonsense", "tensors[0].shape"),
    ("version", "version 2 of the protocol"), ("no-epochs", "steps_per_epoch"),
    ("greets-twice", "more than one"),
  ])
  func aProgramThatCannotSayWhatItComputesIsOneLine(mistake: String, reason: String) throws {
    do {
      _ = try plan(mistake)
      Issue.record("\(mistake) was planned")
    } catch let error as ProblemError {
      let text = "\(error)"
      #expect(text.contains(reason) && !text.contains("\n"), "\(text)")
      #expect(text.hasPrefix("e.yml:5: problems[0].external.command"), "\(text)")
    }
  }

  @Test func mistakesOfTheFileAreToldBeforeAnythingStarts() throws {
    func message(_ problem: String) -> String {
      do {
        _ = try ProblemSpec.read(Setting.parse(problem, file: "e.yml"))
        return ""
      } catch { return "\(error)" }
    }
    #expect(message("{name: p, external: {}}").contains("'command' is missing"))
    #expect(message("{name: p, external: {command: []}}").contains("the list is empty"))
    #expect(message("{name: p, external: {command: [a], limit: 3}}").contains("limit"))
    #expect(
      message("{name: p, external: {command: [a]}, loss: mse}").contains("'loss' does not go with"))
    let missing = try ProblemSpec.read(
      Setting.parse("{name: p, external: {command: [no-such-program-here]}}", file: "e.yml"))
    var datasets = LoadedDatasets()
    #expect(throws: ProblemError.self) { try missing.make(using: &datasets, baseDirectory: "") }
    let target = "target: {metric: test_loss, at_most: 1}"
    #expect(throws: ProblemError.self) { try plan("none", more: target) }
  }

  @Test func theRobustProtocolAndTheEstimateAskTheSameProgram() throws {
    let plan = try plan(
      "none", more: "target: {metric: validation_loss, at_most: 1.0}",
      protocol: "protocol: robust\ntuning: {seeds: 2, rates: 5, offset: 1}")
    let estimate = try RuntimeEstimate(plan)
    #expect(estimate.problems[0].secondsPerEvaluation > 0)
    #expect(estimate.problems[0].methods.allSatisfy { $0.secondsPerStep > 0 })
    let found = try runs(plan)
    #expect(found.count > 40 && found.allSatisfy { $0.outcome != .objectiveFailed })
    #expect(found.contains { $0.targetStep >= 0 })
  }

  /// A run goes on where it was stopped, unless the program keeps what no checkpoint has.
  @Test(arguments: ["none", "buffers"])
  func aStoppedRunGoesOnOrBeginsAnew(program: String) throws {
    let plan = try plan(program)
    for run in plan.runs where run.key.run.hasSuffix("seed=2") {
      func train(_ checkpointing: Checkpointing?, stopping: Int = .max) -> (RunRecord?, Int) {
        var calls = 0
        let record = Trainer(problem: plan.problems[0], plan: plan.trainingPlans[0]).train(
          plan.record(for: run), with: plan.method(for: run), checkpointing: checkpointing
        ) {
          calls += 1
          return calls > stopping
        }
        return (record, calls)
      }
      let whole = try #require(train(nil).0)
      var kept: RunCheckpoint?
      let stopped = train(Checkpointing(seconds: .infinity) { kept = $0 }, stopping: 7)
      #expect(stopped.0 == nil && (kept?.step == 7) == (program == "none"))
      let (resumed, calls) = train(
        Checkpointing(latest: { kept }, seconds: .infinity) { _ in })
      #expect(resumed == whole && calls == (program == "none" ? 5 : 12))
    }
  }

  @Test func withoutAReferenceLossItIsThatOfTheStart() throws {
    let problem = try plan("reference").problems[0]
    let start = (0..<4).reduce(0.0) { $0 + 0.5 * pow(1 + 0.1 * Double($1), 2) }
    #expect(abs(problem.referenceLoss - start) < 1e-6)
    let told = try plan("none").problems[0]
    #expect(told.referenceLoss == 2)
    let robust = "protocol: robust\ntuning: {seeds: 2, rates: 5}"
    #expect(throws: PlanError.self) { try plan("no-reference", protocol: robust) }
    _ = try plan("no-reference")
  }

  @Test func whatIsNotTheSameTwiceIsSaidAndKeepsTheExactGateAway() throws {
    let plan = try plan("noise")
    let noisy = try runs(plan)
    #expect(noisy.allSatisfy { $0.outcome == .completed && $0.dataOrderDigest.isEmpty })
    #expect(noisy.allSatisfy { $0.gradientDifference > 1e-7 && $0.gradientDifference < 1e-5 })
    func record(_ runs: [RunRecord]) -> ExperimentRecord {
      ExperimentRecord(header: plan.header(provenance: Provenance()), runs: runs)
    }
    func gate(_ runs: [RunRecord]) -> GateReport {
      GateReport(
        ExactComparison(
          baseline: record(runs), current: record(runs), policy: GatePolicy()))
    }
    let refused = gate(noisy)
    #expect(!refused.isPassed && refused.conclusion.contains("--mode statistical"))
    var steady = noisy
    for index in steady.indices { steady[index].gradientDifference = 0 }
    let passed = gate(steady)
    #expect(passed.isPassed)
    func report(_ runs: [RunRecord]) -> String {
      ReportFormat.markdown.render(Report(ExperimentAnalysis(of: record(runs))))
        .map(\.contents).joined()
    }
    #expect(report(noisy).contains("was not the same twice"))
    #expect(report(steady).contains("the same to the bit"))
  }

  @Test func aChangedFileOfTheProgramIsAnotherProblem() throws {
    let folder = try TemporaryFolder()
    func digest(_ script: String, _ data: String) throws -> String {
      try script.write(toFile: "\(folder.path)/run.sh", atomically: true, encoding: .utf8)
      try data.write(toFile: "\(folder.path)/data.txt", atomically: true, encoding: .utf8)
      let spec = try ProblemSpec.read(
        Setting.parse(
          "{name: p, external: {command: [sh, run.sh], files: [data.txt]}}", file: "e.yml"))
      var datasets = LoadedDatasets()
      return try spec.make(using: &datasets, baseDirectory: folder.path).digest
    }
    let start = "exec '\(try Self.program.get())' none"
    let first = try digest(start, "1")
    let others = try [digest(start, "1"), digest(start + " # changed", "1"), digest(start, "2")]
    #expect(others.map { $0 == first } == [true, false, false])
  }

  /// The whole example of docs/bridges.md, as anybody would copy it.
  @Test func theExampleInCIsShortAndTrains() throws {
    let page = try String(
      contentsOf: House.folder.appendingPathComponent("docs/bridges.md"), encoding: .utf8)
    let example = try #require(
      page.components(separatedBy: "```c\n").dropFirst().first?.components(separatedBy: "```")[0])
    #expect(example.split(separator: "\n").count <= 60)
    let folder = try TemporaryFolder()
    try example.write(toFile: "\(folder.path)/bowl.c", atomically: true, encoding: .utf8)
    let compiled = try runCommand(
      ["clang", "-Wall", "-Werror", "-o", "bowl", "bowl.c"], in: URL(fileURLWithPath: folder.path))
    try #require(compiled.status == 0, "\(compiled.errors)")
    let text = """
      optbench: 1
      name: bowl
      problems: [{name: bowl, external: {command: [./bowl]}}]
      optimizers: [sgd, adam, lbfgs]
      learning_rate: [0.015]
      seeds: 2
      budget: {steps: 60}
      """
    let plan = try ExperimentPlan(
      ExperimentSpec(text, file: "bowl.yml"), baseDirectory: folder.path)
    for run in try runs(plan) {
      #expect(run.outcome == .completed)
      let losses = run.trajectory[.loss]
      #expect(losses.count == 60 && losses[59] < 0.5 * losses[0])
    }
  }
}

extension ExternalObjectiveTests {
  private enum House {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
  }
}
