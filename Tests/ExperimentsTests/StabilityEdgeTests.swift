import Experiments
import Records
import Testing

/// Where runs on DeepOBS's quadratic_deep diverge: theory, DeepOBS's published grid and our runs agree.
@Suite struct StabilityEdgeTests {
  /// The largest eigenvalue of quadratic_deep.
  private static let sharpness = 53.129_015_398_636_83

  private func runs(_ optimizer: String, seeds: String = "2", rates: String) throws -> [RunRecord] {
    let text = """
      optbench: 1
      name: edge
      problems:
        - {name: quadratic-deep, data_order: fixed}
      optimizers: [\(optimizer)]
      learning_rate: \(rates)
      seeds: \(seeds)
      budget: {steps: 700}
      evaluate: {every: 350}
      outcomes: {explosion_factor: 1.0e+30}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "edge.yml"), baseDirectory: ".")
    let store = MemoryStore()
    _ = try ExperimentRunner(plan: plan, jobs: 2)
      .run(into: store, report: { _ in }, isCancelled: { false })
    return store.published
  }

  private func hasLeftTheFiniteNumbers(_ run: RunRecord) -> Bool {
    run.outcome == .nonfinite || run.outcome == .exploded
  }

  /// DeepOBS published: SGD finite at 0.0251 and infinite at 0.0398, momentum 0.99 finite at 0.0631
  /// and NaN at 0.1, Adam finite up to 100.
  @Test(arguments: [
    ("sgd", 2 / sharpness, 0.0251189),
    ("{name: momentum, momentum: 0.99}", 3.98 / sharpness, 0.0630957),
    ("adam", .infinity, 100),
  ])
  func theGridDivergesAboveTheThreshold(
    optimizer: String, threshold: Double, lastFinite: Double
  ) throws {
    let runs = try runs(optimizer, rates: "{from: 1.0e-5, to: 1.0e+2, points: 36}")
    #expect(runs.count == 72)
    for run in runs {
      let rate = run.baseLearningRate
      #expect(hasLeftTheFiniteNumbers(run) == (rate > threshold), "\(optimizer) at \(rate)")
    }
    let finite = runs.filter { !hasLeftTheFiniteNumbers($0) }.map(\.baseLearningRate)
    #expect(finite.max() == lastFinite)
  }

  /// Close to the threshold: 2% below and 2% above it the last loss falls or grows.
  @Test(arguments: [
    ("sgd", 2 / sharpness), ("{name: momentum, momentum: 0.9}", 2 * 1.9 / sharpness),
    ("{name: nesterov, momentum: 0.9}", 2 * 1.9 / (2.8 * sharpness)),
  ])
  func theThresholdIsSharp(optimizer: String, threshold: Double) throws {
    let runs = try runs(
      optimizer, seeds: "1", rates: "[\(0.98 * threshold), \(1.02 * threshold)]")
    let growth = runs.map { run in
      run.trajectory[.loss].last.map { Double($0) / Double(run.trajectory[.loss][0]) } ?? .nan
    }
    #expect(growth[0] < 1)
    #expect(!(growth[1] < 1e4))
  }
}
