import Experiments
import Optimizers
import Problems
import Records
import Settings
import Synchronization
import Tensors
import Testing

/// The digest of the data order is computed from the order that a run is to follow; these tests hold
/// it against the examples that the objective was really given.
@Suite struct BatchDigestTests {
  @Test func everyMethodTrainsOnTheBatchesOfItsSeed() throws {
    let sgd = try Self.watch("sgd", clipping: "none", seed: 3)
    let adam = try Self.watch("adam", clipping: "global-norm", seed: 3)
    let other = try Self.watch("sgd", clipping: "none", seed: 4)

    #expect(sgd.examples == Self.order(seed: 3, of: try Self.problem()))
    #expect(sgd.examples == adam.examples)
    #expect(sgd.digest == adam.digest)
    #expect(sgd.examples != other.examples)
    #expect(sgd.digest != other.digest)
  }

  private static let steps = 50

  private static func problem() throws -> any TestProblem {
    let text = """
      optbench: 1
      name: b
      problems: [digits-mlp]
      optimizers: [sgd]
      learning_rate: 0.001
      seeds: 1
      budget: {steps: \(steps)}
      """
    return try ExperimentPlan(ExperimentSpec(text, file: "b.yml"), baseDirectory: ".").problems[0]
  }

  private static func order(seed: UInt64, of problem: any TestProblem) -> [Int32] {
    var order = problem.makeBatchOrder(seed: seed)
    return (0..<steps).flatMap { _ in Array(order.next().indices) }
  }

  /// Trains one run, and says which examples it was trained on.
  private static func watch(
    _ optimizer: String, clipping: String, seed: Int
  ) throws -> (examples: [Int32], digest: String) {
    let optimizer = try OptimizerChoice.read(Setting.parse(optimizer, file: "test"))
    let clipping = try ClippingStrategy.read(Setting.parse(clipping, file: "test"))
    let schedules = try Setting.parse("constant", file: "test")
    let schedule = try scheduleCatalog.make(scheduleCatalog.choice(at: schedules), at: schedules)
    let problem = WatchedProblem(problem: try problem())
    let record = RunRecord(
      key: RunKey(problem: problem.name, run: "run"), optimizer: optimizer.label,
      clipping: clipping.label, trial: 0, seed: seed, baseLearningRate: 0.001,
      isDefaultLearningRate: true, hyperparameters: [], config: "{}")
    let run = Trainer(problem: problem, plan: TrainingPlan(steps: steps, evaluateEvery: 20)).train(
      record,
      with: Method(
        optimizer: optimizer.optimizer, clipping: clipping, schedule: schedule,
        baseLearningRate: 0.001), isCancelled: { false })
    return (problem.examples.values, try #require(run).dataOrderDigest)
  }
}

/// A problem that writes down the training examples its objectives are given.
private struct WatchedProblem: TestProblem {
  final class Examples: Sendable {
    private let list = Mutex<[Int32]>([])
    var values: [Int32] { list.withLock { $0 } }
    func add(_ batch: [Int32]) { list.withLock { $0 += batch } }
  }

  let problem: any TestProblem
  let examples = Examples()

  var name: String { problem.name }
  var summary: String { problem.summary }
  var digest: String { problem.digest }
  var layout: ParameterLayout { problem.layout }
  var lowerBound: Double { problem.lowerBound }
  var lossUnit: Double { problem.lossUnit }
  var target: Target? { problem.target }
  var stepsPerEpoch: Int { problem.stepsPerEpoch }

  func initialParameters(seed: UInt64) -> [Float] { problem.initialParameters(seed: seed) }
  func makeBuffers() -> NamedArrays { problem.makeBuffers() }
  func makeBatchOrder(seed: UInt64) -> any BatchOrder { problem.makeBatchOrder(seed: seed) }
  func openSession() throws(ObjectiveFailure) -> any ProblemSession {
    let session = try problem.openSession()
    return IndependentObjectives { [examples] in
      WatchedObjective(objective: session.makeObjective(seed: $0), examples: examples)
    }
  }
}

private final class WatchedObjective: Objective {
  private let objective: any Objective
  private let examples: WatchedProblem.Examples

  init(objective: any Objective, examples: WatchedProblem.Examples) {
    self.objective = objective
    self.examples = examples
  }

  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    examples.add(Array(batch.indices))
    return objective.loss(
      at: parameters, batch: batch, buffers: &buffers, updateStatistics: updateStatistics,
      gradient: gradient)
  }

  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult? {
    objective.evaluate(at: parameters, on: split, buffers: buffers)
  }
}
