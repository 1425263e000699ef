import Experiments
import LinearAlgebra
import Optimizers
import Problems
import Records
import Settings
import Testing

/// A method that is evaluated at other weights than it trains is evaluated with batch statistics of
/// those weights.
@Suite struct EvaluatedStatisticsTests {
  private func train(
    _ optimizer: String, learningRate: Double = 0.5, every: Int
  ) throws -> RunRecord {
    Threads.useOneThread()
    var datasets = LoadedDatasets()
    let problem = try ProblemSpec.read(
      Setting.parse(
        """
        name: normed
        dataset: {name: blobs, training: 80, validation: 40, test: 40}
        model: {name: layers, layers: [{name: dense, outputs: 6}, batch-norm, relu, dense]}
        loss: cross-entropy
        batch_size: 16
        """, file: "test")
    ).make(using: &datasets, baseDirectory: ".")
    let choice = try OptimizerChoice.read(Setting.parse(optimizer, file: "test"))
    let schedule = try Setting.parse("constant", file: "test")
    let record = RunRecord(
      key: RunKey(problem: "normed", run: "run"), optimizer: choice.label, clipping: "none",
      trial: 0, seed: 3, baseLearningRate: learningRate, isDefaultLearningRate: false,
      hyperparameters: [],
      config: "{}")
    return try #require(
      Trainer(problem: problem, plan: TrainingPlan(steps: 24, evaluateEvery: every)).train(
        record,
        with: Method(
          optimizer: choice.optimizer, clipping: .none,
          schedule: try scheduleCatalog.make(scheduleCatalog.choice(at: schedule), at: schedule),
          baseLearningRate: learningRate), isCancelled: { false }))
  }

  @Test(arguments: [
    "{name: lookahead, k: 1000000, base: sgd}", "{name: lookahead, k: 3, alpha: 0, base: sgd}",
    "{name: lookahead, k: 3, alpha: 0, base: {name: momentum}}",
    "{name: sam, rho: 0, base: {name: lookahead, k: 1000000, base: sgd}}",
  ])
  func weightsThatNeverMoveGiveTheSameNumbers(optimizer: String) throws {
    let run = try train(optimizer, every: 4)
    // The first evaluation is that of the untrained model, the same for all methods of a seed.
    for metric in EvaluationMetric.allCases {
      let values = run.evaluations[metric].dropFirst()
      #expect(values.count == 6)
      // A synchronisation that goes no part of the way still rounds.
      #expect(values.allSatisfy { abs($0 - (values.last ?? .nan)) < 1e-6 }, "\(metric): \(values)")
    }
  }

  @Test(arguments: ["{name: lookahead, k: 5, base: momentum}", "schedule-free-sgd"])
  func anEvaluationChangesNoLaterStep(optimizer: String) throws {
    let often = try train(optimizer, every: 1)
    let seldom = try train(optimizer, every: 24)
    #expect(often.trajectory == seldom.trajectory)
    for metric in EvaluationMetric.allCases {
      #expect(often.evaluations[metric].last == seldom.evaluations[metric].last)
    }
  }

  /// Where nothing moves, the average is the start: only statistics can make a difference.
  @Test func anAverageIsEvaluatedWithItsOwnStatistics() throws {
    let run = try train("schedule-free-sgd", learningRate: 1e-12, every: 4)
    let values = run.evaluations[.validationLoss].dropFirst()
    #expect(values.allSatisfy { abs($0 - (values.last ?? .nan)) < 1e-5 }, "\(values)")
    let plain = try train("sgd", learningRate: 1e-12, every: 4).evaluations[.validationLoss]
    #expect(abs(plain[1] - plain[6]) > 1e-3)
  }
}
