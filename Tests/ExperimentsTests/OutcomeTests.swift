import Analysis
import Experiments
import Problems
import Records
import Testing

/// How a run ends follows from the numbers that are stored.
@Suite struct OutcomeTests {
  @Test func aRunEndedWorseThanItBeganAboveOneHundredthOfItsScale() {
    func outcome(_ final: Double, from initial: Double, unit: Double = 1e-6) -> Outcome? {
      OutcomeJudge(
        initialLoss: initial, lowerBound: 0, lossUnit: unit, explosionFactor: 1000
      ).finalFailure(finalLoss: final, hasSpentBudget: true)?.outcome
    }
    // The scale is max(initial − lower bound, unit); powers of two are exact.
    let limit = 64 + 0.01 * 64
    #expect(outcome(Double(Float(limit).nextDown), from: 64) == nil)
    #expect(outcome(Double(Float(limit).nextUp), from: 64) == .worseThanStart)
    #expect(outcome(1.0099, from: 1) == nil)
    #expect(outcome(1.0101, from: 1) == .worseThanStart)
    #expect(outcome(0.0199, from: 0, unit: 2) == nil)
    #expect(outcome(0.0201, from: 0, unit: 2) == .worseThanStart)
    #expect(outcome(1000.5, from: 1) == .exploded)
    #expect(outcome(1000, from: 1) == .worseThanStart)
    #expect(outcome(1e39, from: 1) == .nonfinite)
  }

  /// Finite in double precision only, in the loss of a step, in its update, in the parameters and in
  /// the last evaluation.
  @Test(arguments: [
    (0.99e20, [1 as Float], 2, "loss"), (3e38, [2, 2, 2, 2], 9, "update theta"),
    (0.99e20, [1], 1, "evaluation"),
  ])
  func whatIsStoredAsInfiniteIsNotFinite(
    learningRate: Double, start: [Float], steps: Int, subject: String
  ) throws {
    let text = """
      optbench: 1
      name: o
      problems: [rosenbrock-2d]
      optimizers: [sgd]
      learning_rate: \(learningRate)
      seeds: 1
      budget: {steps: \(steps)}
      outcomes: {explosion_factor: 1.0e+60}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "o.yml"), baseDirectory: ".")
    let planned = try #require(plan.runs.first)
    let problem = QuadraticProblem(curvatures: start.map { _ in 1 }, start: start)
    let run = try #require(
      Trainer(problem: problem, plan: plan.trainingPlans[0]).train(
        plan.record(for: planned), with: plan.method(for: planned), isCancelled: { false }))
    #expect(run.outcome == .nonfinite)
    #expect(run.failureTensor == subject)
  }

  /// Rates from harmless to absurd: runs that complete, rise, explode and leave the finite numbers.
  @Test func everyOutcomeFollowsFromTheStoredNumbers() throws {
    let text = """
      optbench: 1
      name: outcomes
      problems:
        - {name: quadratic-deep, data_order: fixed}
        - rosenbrock-2d
      optimizers: [sgd, momentum, adam]
      clipping: [none, {name: global-norm, max_norm: 1}]
      learning_rate: [0.001, 0.038, 0.1, 10, 1.0e+6, 1.0e+17]
      seeds: 2
      budget: {steps: 60}
      evaluate: {every: 20}
      outcomes: {explosion_factor: 1.0e+30}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "outcomes.yml"), baseDirectory: ".")
    let store = MemoryStore()
    _ = try ExperimentRunner(plan: plan, jobs: 1)
      .run(into: store, report: { _ in }, isCancelled: { false })
    var seen: Set<Outcome> = []
    for run in store.published {
      let problem = try #require(plan.problems.first { $0.name == run.key.problem })
      let outcome = derived(run, problem, factor: 1e30)
      #expect(run.outcome == outcome.outcome, "\(run.key)")
      #expect(run.failureStep == outcome.step, "\(run.key)")
      seen.insert(run.outcome)
    }
    #expect(seen.isSuperset(of: [.completed, .nonfinite, .exploded, .worseThanStart]))
  }

  /// The outcome by the definitions, from what a file holds.
  private func derived(
    _ run: RunRecord, _ problem: any TestProblem, factor: Double
  ) -> (outcome: Outcome, step: Int) {
    let first = run.evaluations[.trainLoss][0]
    let scale = max(first - problem.lowerBound, problem.lossUnit)
    for step in 0..<run.trajectory.steps {
      let loss = run.trajectory[.loss][step]
      let others = [run.trajectory[.updateNorm][step], run.trajectory[.parameterNorm][step]]
      if !loss.isFinite || others.contains(where: { !$0.isFinite }) { return (.nonfinite, step) }
      if Double(loss) - problem.lowerBound > factor * scale { return (.exploded, step) }
    }
    let last = run.evaluations[.trainLoss].last ?? .nan
    let end = run.trajectory.steps - 1
    if !last.isFinite { return (.nonfinite, end) }
    if last - problem.lowerBound > factor * scale { return (.exploded, end) }
    return last > first + 0.01 * scale ? (.worseThanStart, end) : (.completed, -1)
  }
}
