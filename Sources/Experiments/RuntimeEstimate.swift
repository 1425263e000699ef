internal import LinearAlgebra
internal import Problems
internal import Tensors

/// What an experiment will cost, from a short measurement of one run of each problem.
public struct RuntimeEstimate: Sendable {
  /// One problem's share.
  public struct Problem: Sendable {
    public let name: String
    public let runs: Int
    /// Updates per run.
    public let steps: Int
    public let secondsPerStep: Double
    public let secondsPerEvaluation: Double
    public let evaluations: Int

    /// The seconds that one run takes on one core, without the first evaluation, which the runs of
    /// a seed share.
    public var secondsPerRun: Double {
      Double(steps) * secondsPerStep + Double(evaluations) * secondsPerEvaluation
    }
  }

  public let problems: [Problem]

  /// The seconds that all runs take with `jobs` at a time, if none ends early.
  public func seconds(jobs: Int) -> Double {
    problems.reduce(0) { $0 + Double($1.runs) * $1.secondsPerRun } / Double(max(jobs, 1))
  }

  /// Trains a few steps of each problem and measures them.
  public init(_ plan: ExperimentPlan) {
    Threads.useOneThread()
    FloatingPointMode.flushDenormals(true)
    problems = plan.problems.indices.compactMap { index in
      let runs = plan.runs.filter { $0.problem == index }
      guard let first = runs.first else { return nil }
      return Self.measure(plan.problems[index], as: first, runs: runs.count, in: plan)
    }
  }

  private static func measure(
    _ problem: any TestProblem, as run: PlannedRun, runs: Int, in plan: ExperimentPlan
  ) -> Problem {
    let clock = ContinuousClock()
    var training = plan.trainingPlans[run.problem]
    let steps = training.steps
    training.steps = min(steps, 200)
    var trial = TrainingRun(
      problem: problem, method: plan.method(for: run), plan: training, seed: UInt64(run.seed))
    let judge = OutcomeJudge(
      initialLoss: .nan, lowerBound: problem.lowerBound, lossUnit: problem.lossUnit,
      explosionFactor: .infinity)
    // The first evaluation also builds kernels and touches memory for the first time.
    _ = trial.evaluate()
    let evaluation = clock.measure { _ = trial.evaluate() }

    var measured = 0
    let start = clock.now
    while measured < training.steps, clock.now - start < .milliseconds(200) {
      _ = trial.advance(measured, judge: judge)
      measured += 1
    }
    let elapsed = (clock.now - start) / .seconds(1)
    return Problem(
      name: problem.name, runs: runs, steps: steps,
      secondsPerStep: elapsed / Double(max(measured, 1)),
      secondsPerEvaluation: evaluation / .seconds(1),
      evaluations: 1 + (steps - 1) / training.evaluateEvery)
  }
}
