import Experiments
import Records
import Synchronization
import Testing

private let text = """
  optbench: 1
  name: small
  problems:
    - name: digits
      dataset: digits
      model: {name: mlp, hidden: [8]}
      loss: cross-entropy
      batch_size: 16
    - name: valley
      function: {name: rosenbrock, dimension: 2}
  optimizers: [sgd, adam]
  learning_rate: [0.001, 10]
  clipping: [none, {name: global-norm, max_norm: 1}]
  seeds: 2
  budget: {steps: 12}
  evaluate: {every: 5}
  """

private func plan() throws -> ExperimentPlan {
  try ExperimentPlan(ExperimentSpec(text, file: "small.yml"), baseDirectory: ".")
}

private func run(
  _ plan: ExperimentPlan, jobs: Int, into store: MemoryStore,
  isCancelled: @escaping @Sendable () -> Bool = { false }
) throws -> Bool {
  try ExperimentRunner(plan: plan, jobs: jobs)
    .run(into: store, report: { _ in }, isCancelled: isCancelled)
}

@Suite struct ExperimentRunnerTests {
  @Test func theNumberOfJobsDoesNotChangeTheResult() throws {
    let plan = try plan()
    var results: [[RunRecord]] = []
    for jobs in [1, 2, 5] {
      let store = MemoryStore()
      #expect(try run(plan, jobs: jobs, into: store))
      results.append(store.published)
    }
    #expect(results[0].count == 2 * 2 * 2 * 2 * 2)
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test func allMethodsOfASeedMeetTheSameModelAndTheSameBatches() throws {
    let store = MemoryStore()
    _ = try run(try plan(), jobs: 2, into: store)
    for problem in ["digits", "valley"] {
      for seed in 0..<2 {
        let runs = store.published.filter { $0.key.problem == problem && $0.seed == seed }
        #expect(runs.count == 8)
        #expect(Set(runs.map(\.initialParametersDigest)).count == 1)
        #expect(Set(runs.map(\.dataOrderDigest)).count == 1)
        #expect(Set(runs.map { $0.trajectory[.loss][0] }).count == 1)
        #expect(Set(runs.map { $0.evaluations[.trainLoss][0] }).count == 1)
      }
    }
    let digits = store.published.filter { $0.key.problem == "digits" }
    #expect(Set(digits.map(\.initialParametersDigest)).count == 2)
    #expect(Set(digits.map(\.dataOrderDigest)).count == 2)
    #expect(Set(digits.map { $0.evaluations[.trainLoss][0] }).count == 2)
  }

  @Test func theLongestRunsComeFirst() throws {
    let order = Mutex<[String]>([])
    let light = "  - {name: light, function: {name: rosenbrock, dimension: 2}}\n"
    let plan = try ExperimentPlan(
      ExperimentSpec(
        text.replacing("problems:\n", with: "problems:\n\(light)"), file: "small.yml"),
      baseDirectory: ".")
    let store = MemoryStore()
    _ = try ExperimentRunner(plan: plan, jobs: 1).run(
      into: store,
      report: { progress in
        if let latest = progress.latest { order.withLock { $0.append(latest.key.problem) } }
      }, isCancelled: { false })
    let names = order.withLock { $0 }
    #expect(names == ["digits", "light", "valley"].flatMap { Array(repeating: $0, count: 16) })
    #expect(names.count == 48 && store.published.map(\.key) == plan.runs.map(\.key))
  }

  @Test func runsThatAreKeptAlreadyAreNotTrainedAgain() throws {
    let plan = try plan()
    let whole = MemoryStore()
    _ = try run(plan, jobs: 2, into: whole)
    let half = MemoryStore(kept: Array(whole.published.prefix(10)))
    let reused = Mutex<Int?>(nil)
    _ = try ExperimentRunner(plan: plan, jobs: 2).run(
      into: half, report: { progress in reused.withLock { $0 = progress.reused } },
      isCancelled: { false })
    #expect(reused.withLock { $0 } == 10)
    #expect(half.published == whole.published)
  }

  @Test func aStoreThatFailsStopsTheExperimentAndKeepsWhatItHas() throws {
    let store = MemoryStore(capacity: 5)
    let plan = try plan()
    #expect(throws: MemoryStore.DiskFull.self) { try run(plan, jobs: 2, into: store) }
    #expect(store.kept == 5)
    #expect(store.published.isEmpty)
  }

  @Test func aCancelledExperimentKeepsWhatIsFinishedAndPublishesNothing() throws {
    let store = MemoryStore()
    let isComplete = try run(try plan(), jobs: 2, into: store) { store.kept >= 4 }
    #expect(!isComplete)
    #expect(store.kept >= 4)
    #expect(store.published.isEmpty)
  }

  @Test func everyPlannedRunIsFinishedOnce() throws {
    let plan = try plan()
    let finished = Mutex<[RunKey]>([])
    _ = try ExperimentRunner(plan: plan, jobs: 3).run(
      into: MemoryStore(),
      report: { progress in
        if let latest = progress.latest { finished.withLock { $0.append(latest.key) } }
      }, isCancelled: { false })
    #expect(finished.withLock { Set($0) } == Set(plan.runs.map(\.key)))
    #expect(finished.withLock { $0.count } == plan.runs.count)
  }

  @Test func hyperparametersThatVaryAreRecordedAndOthersAreNot() throws {
    let text = """
      optbench: 1
      name: varying
      problems: [rosenbrock-2d]
      optimizers: [sgd, {name: sgd, momentum: 0.9, label: heavy}, {name: adam, betas: [0.8, 0.999]}]
      learning_rate: 0.001
      clipping: [none, {name: value, max_value: 1}]
      seeds: 1
      budget: {steps: 3}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "v.yml"), baseDirectory: ".")
    let store = MemoryStore()
    _ = try run(plan, jobs: 1, into: store)
    let runs = store.published
    #expect(runs.map { $0.hyperparameters.map(\.name) } == Array(repeating: ["momentum"], count: 6))
    #expect(runs[0].hyperparameters[0].value == 0)
    #expect(runs[2].hyperparameters[0].value == 0.9)
    #expect(runs[4].hyperparameters[0].value.isNaN)
    #expect(runs[2].optimizer == "heavy")
    #expect(runs[0].isDefaultLearningRate)
    #expect(runs[0].key.run == "sgd none lr=0.001 seed=0")
  }

  @Test func theProgressCountsTheRunsThatDiverged() throws {
    let store = MemoryStore()
    let diverged = Mutex(-1)
    _ = try ExperimentRunner(plan: try plan(), jobs: 2).run(
      into: store, report: { progress in diverged.withLock { $0 = progress.diverged } },
      isCancelled: { false })
    let count = store.published.count { $0.outcome.isDiverged }
    #expect(count > 0 && diverged.withLock { $0 } == count)
  }

  /// Of n runs of equal work, k done in t seconds leave t·(n/k − 1).
  @Test func theTimeLeftIsThatOfTheRunsLeft() throws {
    let text = """
      optbench: 1
      name: equal
      problems: [rosenbrock-2d]
      optimizers: [sgd]
      learning_rate: 0.0001
      seeds: 5
      budget: {steps: 10}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "e.yml"), baseDirectory: ".")
    let seen = Mutex<[ExperimentProgress]>([])
    _ = try ExperimentRunner(plan: plan, jobs: 1).run(
      into: MemoryStore(), report: { progress in seen.withLock { $0.append(progress) } },
      isCancelled: { false })
    let all = seen.withLock { $0 }
    #expect(all.map(\.finished) == [0, 1, 2, 3, 4, 5])
    #expect(all[0].remainingSeconds == nil && all[5].remainingSeconds == 0)
    for progress in all.dropFirst() {
      let expected = progress.elapsedSeconds * (5 / Double(progress.finished) - 1)
      #expect(abs((progress.remainingSeconds ?? .nan) - expected) <= 1e-9 * (1 + expected))
    }
  }

  /// The defaults of PyTorch: 0.01 for Adagrad and RMSprop, 0.001 for SGD and Adam, 1 for Adadelta.
  @Test func theDefaultRateIsThatOfTheOptimizer() throws {
    let text = """
      optbench: 1
      name: rates
      problems: [rosenbrock-2d]
      optimizers: [adagrad, rmsprop, sgd, adam, adadelta]
      learning_rate: [0.001, 0.01, 1]
      seeds: 1
      budget: {steps: 1}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "r.yml"), baseDirectory: ".")
    let rates = plan.runs.map { plan.record(for: $0) }.filter(\.isDefaultLearningRate)
    #expect(rates.map(\.baseLearningRate) == [0.01, 0.01, 0.001, 0.001, 1])
    #expect(rates.map(\.optimizer) == ["adagrad", "rmsprop", "sgd", "adam", "adadelta"])
  }

  @Test(arguments: [(10.4, 10), (10.6, 11), (0.2, 1)])
  func epochsAreTheNearestNumberOfSteps(steps: Double, expected: Int) throws {
    let perEpoch = try plan().problems[0].stepsPerEpoch
    let text = """
      optbench: 1
      name: epochs
      problems:
        - {name: digits, dataset: digits, model: {name: mlp, hidden: [8]}, loss: cross-entropy, batch_size: 16}
      optimizers: [sgd]
      learning_rate: 0.1
      seeds: 1
      budget: {epochs: \(steps / Double(perEpoch))}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "e.yml"), baseDirectory: ".")
    #expect(plan.plannedSteps == expected)
  }
}
