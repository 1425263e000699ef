import Analysis
import Experiments
import Foundation
import Records
import Settings
import Storage
import TestSupport
import Testing

/// An experiment file with `protocol: robust`, from the file to the runs.
@Suite struct RobustPlannerTests {
  static func text(
    optimizers: String = "sgd, adam", problems: String = "rosenbrock-2d", seeds: String = "4",
    more: String = ""
  ) -> String {
    """
    optbench: 1
    name: robust
    protocol: robust
    tuning: {seeds: 2}
    problems: [\(problems)]
    optimizers: [\(optimizers)]
    seeds: \(seeds)
    budget: {steps: 40}
    \(more)
    """
  }

  private func plan(_ text: String = Self.text()) throws -> ExperimentPlan {
    try ExperimentPlan(ExperimentSpec(text, file: "robust.yml"), baseDirectory: ".")
  }

  @discardableResult
  private func run(
    _ plan: ExperimentPlan, jobs: Int = 2, into store: any RunStore,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> Bool {
    try ExperimentRunner(plan: plan, jobs: jobs).run(
      into: store, report: { _ in }, isCancelled: isCancelled)
  }

  private func keys(_ runs: [RunRecord], of optimizer: String) -> [String] {
    runs.filter { $0.optimizer == optimizer }.map(\.key.run)
  }

  @Test func theRunsAreTheSameWhateverTheJobs() throws {
    var results: [[RunRecord]] = []
    for jobs in [1, 2, 5] {
      let store = MemoryStore()
      #expect(try run(plan(), jobs: jobs, into: store))
      results.append(store.published)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func everyMethodIsSearchedThenEvaluatedAtMultiplesOfItsOwnRate() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/robust.h5"
    let plan = try plan()
    try run(plan, into: RunArchive(path: path, header: plan.header(provenance: Provenance())))
    let record = try RunArchive.read(path)
    #expect(record.header.plannedRuns == record.runs.count)
    for optimizer in ["sgd", "adam"] {
      let own = record.header.plan.filter { $0.optimizer == optimizer }
      let tuning = own.filter { $0.purpose.name == "tuning" }
      let ladder = own.filter { $0.purpose.name == "evaluation" }
      #expect(tuning.count + ladder.count == own.count)
      #expect(Set(tuning.map(\.seed)) == [1000, 1001])
      #expect(Set(ladder.map(\.seed)) == [0, 1, 2, 3])
      #expect((5...12).contains(tuning.count / 2))
      // The default comes first, the decades two either side of it.
      #expect(
        Set(tuning.filter { $0.round == 0 }.map(\.purpose.multiple)) == [0.01, 0.1, 1, 10, 100])
      #expect(tuning.contains { $0.isDefault && $0.purpose.multiple == 1 })
      let tuned = try #require(ladder.first { $0.purpose.multiple == 1 }).setting.learningRate
      #expect(Set(ladder.map(\.purpose.multiple)) == [0.1, 0.25, 0.5, 1, 2, 4, 10])
      for entry in ladder {
        let expected = tuned * entry.purpose.multiple
        #expect(abs(entry.setting.learningRate / expected - 1) < 1e-6)
      }
    }
    let robust = try #require(ExperimentAnalysis(of: record).problems[0].robust)
    #expect(robust.methods.map(\.method.label) == ["sgd", "adam"])
    #expect(robust.unfinished.isEmpty)
    for method in robust.methods {
      let tuned = try #require(method.tunedRate)
      #expect(method.evaluation[StressLadder.tuned].learningRate == tuned)
      #expect(method.tunedRuns.map(\.seed) == [0, 1, 2, 3])
      #expect(method.tuning.count == method.scan.scores.count)
    }
  }

  /// Selection by validation alone: other losses on the test split, none at all even, plan the same.
  @Test func theTestSplitDecidesNothing() throws {
    let text = Self.text(optimizers: "sgd, adamw", problems: "digits-mlp")
    let honest = MemoryStore()
    try run(plan(text), into: honest)
    let blind = TestlessStore()
    try run(plan(text), into: blind)
    #expect(blind.readCount > 0)
    #expect(honest.published.map(\.key) == blind.inner.published.map(\.key))
  }

  @Test func addingMethodsAndSeedsMovesNoOtherRun() throws {
    let small = MemoryStore()
    try run(plan(), into: small)
    let large = MemoryStore(kept: small.published)
    try run(plan(Self.text(optimizers: "momentum, adam, rprop, sgd", seeds: "6")), into: large)
    for optimizer in ["sgd", "adam"] {
      let before = Set(keys(small.published, of: optimizer))
      let after = Set(keys(large.published, of: optimizer))
      #expect(before.isSubset(of: after))
      // Two more seeds on each of seven rungs.
      #expect(after.count == before.count + 14)
    }
  }

  @Test func anInterruptedSearchGoesOnToTheSameFile() throws {
    let folder = try TemporaryFolder()
    let plan = try plan()
    let header = plan.header(provenance: Provenance())
    func archive(_ name: String) throws -> RunArchive {
      try RunArchive(path: "\(folder.path)/\(name).h5", header: header)
    }
    try run(plan, into: archive("whole"))
    let whole = try RunArchive.read("\(folder.path)/whole.h5")
    for stop in [7, 23, 40] {
      let store = try archive("part")
      let isComplete = try run(plan, jobs: 1, into: store) {
        ((try? store.finishedRuns().count) ?? 0) >= stop
      }
      #expect(!isComplete)
    }
    let store = try archive("part")
    #expect(store.warnings.isEmpty, "\(store.warnings)")
    #expect(try run(plan, into: store))
    let part = try RunArchive.read("\(folder.path)/part.h5")
    #expect(part.contentDigest == whole.contentDigest)
    #expect(part.header.plan == whole.header.plan)
  }

  /// Methods that were searched apart and put together are those that were searched at once.
  @Test func mergedResultsAreThoseOfOneExperiment() throws {
    let folder = try TemporaryFolder()
    func result(_ optimizers: String, seeds: String = "4") throws -> (String, ExperimentRecord) {
      let path = "\(folder.path)/\(optimizers.filter { $0 != "," && $0 != " " }).h5"
      let plan = try plan(Self.text(optimizers: optimizers, seeds: seeds))
      try run(plan, into: RunArchive(path: path, header: plan.header(provenance: Provenance())))
      return (path, try RunArchive.read(path))
    }
    let whole = try result("sgd, momentum, adam").1
    let parts = [try result("sgd, momentum"), try result("adam")]
    let union = try ExperimentUnion(parts.map { (file: $0.0, text: $0.1.header.spec) })
    let merged = try ExperimentRecord(
      merging: parts.map { (file: $0.0, record: $0.1) }, spec: union.text,
      specDigest: union.digest)
    #expect(merged.contentDigest == whole.contentDigest)
    #expect(merged.header.plan == whole.header.plan)
  }

  @Test(arguments: [
    ("learning_rate: 0.1", "learning_rate: 'protocol: robust' searches for each method's own rate"),
    ("grid: {weight_decay: [0, 1]}", "takes one setting of each optimizer"),
    ("baseline: lion", "no method of this file is called 'lion'; allowed: sgd, adam"),
  ])
  func whatDoesNotGoWithItIsRefused(more: String, message: String) throws {
    let error = #expect(throws: SettingsError.self) {
      try ExperimentSpec(Self.text(more: more), file: "robust.yml")
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("{seeds: [3, 9]}", "the seed 3 evaluates as well"),
    ("{rates: 4}", "from 5 to 1000"),
    ("{lr: 4}", "unknown key 'lr'"),
  ])
  func tuningIsChecked(value: String, message: String) throws {
    let text = Self.text().replacingOccurrences(of: "{seeds: 2}", with: value)
    let error = #expect(throws: SettingsError.self) { try ExperimentSpec(text, file: "robust.yml") }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func aMethodWithSeveralRatesIsRefusedAndOneIsTheStart() throws {
    let error = #expect(throws: SettingsError.self) {
      try ExperimentSpec(
        Self.text(optimizers: "{name: sgd, learning_rate: [0.1, 1]}"), file: "robust.yml")
    }
    #expect(error?.description.contains("searches from one learning rate") == true)
    let plan = try plan(Self.text(optimizers: "{name: sgd, learning_rate: 0.02}"))
    #expect(
      Set(plan.header(provenance: Provenance()).plan.map(\.setting.learningRate))
        == [0.0002, 0.002, 0.02, 0.2, 2])
  }

  /// SAM spends two gradients a step: half as many steps, and yet annealed to the end.
  @Test func aBudgetOfGradientsAnnealsEveryMethodAsFar() throws {
    let store = MemoryStore()
    let text = Self.text(optimizers: "sgd, sam").replacingOccurrences(
      of: "{steps: 40}", with: "{gradient_evaluations: 40}")
    try run(plan(text), into: store)
    for optimizer in ["sgd", "sam(sgd)"] {
      let run = try #require(
        store.published.first { $0.optimizer == optimizer && $0.outcome == .completed })
      #expect(run.gradientEvaluations == 40)
      #expect(run.trajectory.steps == (optimizer == "sam(sgd)" ? 20 : 40))
      let last = try #require(run.trajectory[.learningRate].last)
      #expect(Double(last) < 0.01 * run.baseLearningRate)
    }
  }
}

/// Hands out every run without its losses on the test split.
final class TestlessStore: RunStore {
  let inner = MemoryStore()

  var readCount: Int { inner.kept }

  func finishedRuns() -> Set<RunKey> { inner.finishedRuns() }
  func extend(by round: [PlanEntry]) -> Set<RunKey> { inner.extend(by: round) }
  func keep(_ run: RunRecord) throws { try inner.keep(run) }
  func publish(order: [RunKey]) { inner.publish(order: order) }

  func runs(_ keys: [RunKey]) -> [RunRecord] {
    inner.runs(keys).map { run in
      var run = run
      for metric in [EvaluationMetric.testLoss, .testAccuracy] {
        run.evaluations[metric] = run.evaluations[metric].map { _ in .nan }
      }
      return run
    }
  }
}
