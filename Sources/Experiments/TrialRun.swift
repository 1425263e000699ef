internal import Analysis
package import Problems

/// A run that its owner drives step by step, with the default recording or none and nothing kept at
/// the end: what measurements of a step work with.
package struct TrialRun {
  private var run: TrainingRun
  private let judge: OutcomeJudge
  private let steps: Int
  private var step = 0

  /// A run of at most `steps` steps on a problem whose objective can be made.
  package init(
    problem: any TestProblem, method: Method, seed: UInt64, steps: Int, isRecorded: Bool = true
  ) {
    self.steps = steps
    do throws(ObjectiveFailure) {
      run = try TrainingRun(
        problem: problem, method: method, plan: TrainingPlan(steps: steps, evaluateEvery: steps),
        seed: seed, isRecorded: isRecorded)
    } catch {
      preconditionFailure("there is nothing to measure: \(error)")
    }
    judge = OutcomeJudge(
      initialLoss: .nan, lowerBound: problem.lowerBound, lossUnit: problem.lossUnit,
      explosionFactor: .infinity)
  }

  /// A copy of what the further steps depend on.
  package var state: RunState { run.state(after: step).copy() }

  /// Goes on from `state`.
  package mutating func resume(from state: RunState) {
    run.resume(from: state)
    step = state.step
  }

  /// Does the next `count` steps.
  package mutating func advance(by count: Int) {
    precondition(step + count <= steps, "a trial of \(steps) steps is over")
    for _ in 0..<count {
      _ = run.advance(step, judge: judge)
      step += 1
    }
  }
}
