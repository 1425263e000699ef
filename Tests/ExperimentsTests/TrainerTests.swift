import Experiments
import Optimizers
import Problems
import Records
import Settings
import Testing

/// Trains one run on the quadratic with gradient descent and friends.
private func train(
  _ problem: QuadraticProblem, optimizer: String = "sgd", clipping: String = "none",
  learningRate: Double, steps: Int = 200, schedule: String = "constant",
  changing change: (inout TrainingPlan) -> Void = { _ in },
  isCancelled: () -> Bool = { false }
) throws -> RunRecord? {
  let optimizer = try OptimizerChoice.read(Setting.parse(optimizer, file: "test"))
  let clipping = try ClippingStrategy.read(Setting.parse(clipping, file: "test"))
  let schedules = try Setting.parse(schedule, file: "test")
  let schedule = try scheduleCatalog.make(scheduleCatalog.choice(at: schedules), at: schedules)
  var plan = TrainingPlan(steps: steps, evaluateEvery: 10)
  change(&plan)
  let record = RunRecord(
    key: RunKey(problem: "quadratic", run: "run"), optimizer: optimizer.label,
    clipping: clipping.label, trial: 0, seed: 0, baseLearningRate: learningRate,
    isDefaultLearningRate: false, hyperparameters: [], config: "{}")
  return Trainer(problem: problem, plan: plan).train(
    record,
    with: Method(
      optimizer: optimizer.optimizer, clipping: clipping, schedule: schedule,
      baseLearningRate: learningRate),
    isCancelled: isCancelled)
}

@Suite struct TrainerTests {
  @Test func gradientDescentConvergesBelowTwoOverTheCurvature() throws {
    let problem = QuadraticProblem(curvatures: [4], start: [1])
    let run = try #require(try train(problem, learningRate: 0.49))
    #expect(run.outcome == .completed)
    #expect(run.trajectory.steps == 200)
    #expect(run.failureStep == -1)
    // θ shrinks by 1 − ηλ = −0.96 a step.
    let expected = 0.5 * 4 * Float(0.96 * 0.96)
    #expect(abs(run.trajectory[.loss][1] - expected) < 1e-5)
  }

  @Test func anExplosionThatEndsNoRunIsToldByItsEnd() throws {
    let problem = QuadraticProblem(curvatures: [4], start: [1])
    let exploded = try #require(
      try train(problem, learningRate: 0.6, steps: 20) { $0.endsExplodedRuns = false })
    #expect(exploded.outcome == .exploded && exploded.failureTensor == "evaluation")
    #expect(exploded.trajectory.steps == 20)
    // What rises above the limit and comes back has not failed.
    let cosine = try #require(
      try train(problem, learningRate: 0.6, steps: 60, schedule: "cosine") {
        $0.explosionFactor = 2
        $0.endsExplodedRuns = false
      })
    #expect(try #require(cosine.trajectory[.loss].max()) > 2 * 2)
    #expect(cosine.outcome == .completed)
  }

  @Test func gradientDescentExplodesAboveTwoOverTheCurvature() throws {
    let problem = QuadraticProblem(curvatures: [4], start: [1])
    let run = try #require(try train(problem, learningRate: 0.6))
    #expect(run.outcome == .exploded)
    // The loss grows by (1 − 2.4)² = 1.96 a step and passes 1000 times its start at step 11.
    #expect(run.failureStep == 11)
    #expect(run.trajectory.steps == 12)
    #expect(run.failureTensor == "loss")
    #expect(run.worstStep == 11)
    #expect(run.firstAlarmStep >= 0 && run.firstAlarmStep <= 11)
    let flight = try #require(run.flight)
    #expect(flight.steps == Array(0..<12))
    #expect(flight.tensors == ["theta"])
    #expect(flight[.gradientNorm] == run.trajectory[.gradientNorm])
    #expect(flight[.parameterNorm] == run.trajectory[.parameterNorm])
  }

  @Test func theDetailOfAFailureIsOfTheLastSixtyFourSteps() throws {
    let problem = QuadraticProblem(curvatures: [4], start: [1])
    let run = try #require(try train(problem, learningRate: 0.51))
    #expect(run.outcome == .exploded)
    // The loss grows by 1.04² a step: 1.04^(2·88) is 994 and the next is above 1000.
    #expect(run.failureStep == 89 || run.failureStep == 88)
    let flight = try #require(run.flight)
    let last = Int32(run.failureStep)
    #expect(flight.steps == Array(last - 63...last))
    #expect(flight[.gradientNorm] == Array(run.trajectory[.gradientNorm].suffix(64)))
    #expect(flight[.updateNorm] == Array(run.trajectory[.updateNorm].suffix(64)))
  }

  @Test func clippedGradientDescentAboveTheEdgeEndsInATwoCycle() throws {
    // A finite loss is not stability: the step is then η·c for ever.
    let problem = QuadraticProblem(curvatures: [4], start: [1.3])
    let run = try #require(
      try train(problem, clipping: "{name: global-norm, max_norm: 0.5}", learningRate: 0.6))
    #expect(run.outcome == .completed)
    let tail = run.trajectory[.updateNorm].suffix(50)
    #expect(tail.allSatisfy { abs($0 - 0.3) < 1e-5 })
    #expect(run.trajectory.clipFired.suffix(50).allSatisfy { $0 == 1 })
    #expect(run.trajectory[.clippedGradientNorm].suffix(50).allSatisfy { abs($0 - 0.5) < 1e-5 })
  }

  @Test func aGradientThatBecomesNaNEndsTheRunAtThatStep() throws {
    let problem = QuadraticProblem(curvatures: [1, 1], start: [1, 1], nanAtStep: 7)
    let run = try #require(try train(problem, learningRate: 0.1))
    #expect(run.outcome == .nonfinite)
    #expect(run.failureStep == 7)
    #expect(run.failureTensor == "update theta")
    #expect(run.nonfiniteGradients == 1)
    #expect(run.firstAlarmStep == 7)
    #expect(run.trajectory.steps == 8)
    #expect(run.trajectory[.gradientNorm][7].isNaN)
    #expect(run.trajectory[.loss].allSatisfy { $0.isFinite })
  }

  @Test func aGradientThatAClipRescuedIsAnAlarm() throws {
    let problem = QuadraticProblem(curvatures: [1, 1], start: [1, 1], nanAtStep: 7)
    let run = try #require(
      try train(problem, clipping: "zero-nonfinite", learningRate: 0.1, steps: 20))
    #expect(run.outcome == .completed)
    #expect(run.nonfiniteGradients == 1)
    #expect(run.firstAlarmStep == 7)
  }

  @Test func aRunThatEndsWorseThanItBeganIsNotCompleted() throws {
    // |1 − ηλ| = 1.001: far from an explosion, and yet a rise.
    let problem = QuadraticProblem(curvatures: [1], start: [1])
    let run = try #require(try train(problem, learningRate: 2.001, steps: 100))
    #expect(run.outcome == .worseThanStart)
    #expect(run.failureStep == 99)
    #expect(run.trajectory.steps == 100)
  }

  @Test func theTargetIsMetAtTheFirstEvaluationThatReachesIt() throws {
    var problem = QuadraticProblem(curvatures: [1], start: [1])
    problem.target = Target(metric: "train_loss", value: 0.5 * 0.1, isAtLeast: false, rule: "test")
    // The loss is ½·0.81ᵏ, below 0.05 from step 11 on; evaluations are every tenth step.
    let run = try #require(try train(problem, learningRate: 0.1))
    #expect(run.targetStep == 20)
    #expect(run.evaluations.steps == (0...20).map { Int32($0 * 10) })
    #expect(run.evaluations.gradientEvaluations.last == 200)
    #expect(run.evaluations[.validationLoss].allSatisfy { $0.isNaN })
  }

  @Test func aTargetThatIsAttainedExactlyIsMetByTheStoredNumber() throws {
    var problem = QuadraticProblem(curvatures: [1], start: [1])
    problem.accuracy = 270.0 / 300
    problem.target = Target(metric: "train_accuracy", value: 0.9, isAtLeast: true, rule: "test")
    let met = try #require(try train(problem, learningRate: 0.1, steps: 20))
    #expect(met.targetStep == 0)
    #expect(met.evaluations[.trainAccuracy].allSatisfy { $0 >= 0.9 })
    problem.accuracy = 269.0 / 300
    #expect(try train(problem, learningRate: 0.1, steps: 20)?.targetStep == -1)
  }

  @Test func aGradientNormThatEqualsTheToleranceIsStill() throws {
    // θ and its gradient are 2⁻ᵏ at step k.
    let problem = QuadraticProblem(curvatures: [1], start: [1])
    let run = try #require(try train(problem, learningRate: 0.5) { $0.gradientTolerance = 0.125 })
    #expect(run.outcome == .stalled)
    #expect(run.trajectory.steps == 4)
  }

  @Test func aRunOfRefusedStepsSaysSo() throws {
    let problem = QuadraticProblem(curvatures: [1], start: [2])
    let run = try #require(
      try train(
        problem, clipping: "{name: skip-large, max_norm: 1}", learningRate: 0.1, steps: 20))
    #expect(run.trajectory[Quantity.clipSkipped] == Array(repeating: 1, count: 20))
    #expect(run.trajectory.clipFired == Array(repeating: 1, count: 20))
    #expect(run.trajectory[.updateNorm].allSatisfy { $0 == 0 })
    #expect(run.trajectory[.clipCoefficient].allSatisfy { $0 == 1 })
    let passing = try #require(
      try train(
        problem, clipping: "{name: skip-large, max_norm: 3}", learningRate: 0.1, steps: 20))
    #expect(passing.trajectory[Quantity.clipSkipped] == Array(repeating: 0, count: 20))
    let unclipped = try #require(try train(problem, learningRate: 0.1, steps: 20))
    #expect(unclipped.trajectory.further.isEmpty)
  }

  /// ASAM's second gradient is that at θ(1 + ρ) here, larger than the first.
  @Test func firedAndCoefficientAreThoseOfTheRecordedGradient() throws {
    func run(from start: Float) throws -> RunRecord {
      let problem = QuadraticProblem(curvatures: [1], start: [start])
      return try #require(
        try train(
          problem, optimizer: "{name: sam, rho: 0.5, base: sgd}",
          clipping: "{name: global-norm, max_norm: 1}", learningRate: 0.01, steps: 1))
    }
    let second = try run(from: 0.9)
    #expect(second.trajectory.clipFired == [0])
    #expect(second.trajectory[.clipCoefficient] == [1])
    #expect(second.trajectory[Quantity.askedGradientsClipped] == [1])
    let both = try run(from: 2)
    #expect(both.trajectory.clipFired == [1])
    #expect(abs(both.trajectory[.clipCoefficient][0] - 0.5) < 1e-5)
    #expect(both.trajectory[Quantity.askedGradientsClipped] == [1])
    let neither = try run(from: 0.1)
    #expect(neither.trajectory.clipFired == [0])
    #expect(neither.trajectory[Quantity.askedGradientsClipped] == [0])
  }

  @Test func presetStopsEndARunAsStalled() throws {
    let problem = QuadraticProblem(curvatures: [1], start: [1])
    let still = try #require(
      try train(problem, learningRate: 0.5) { $0.gradientTolerance = 1e-3 })
    #expect(still.outcome == .stalled)
    #expect(still.trajectory.steps == 11)
    #expect(still.evaluations.steps.last == 11)
    let patient = try #require(try train(problem, learningRate: 2) { $0.patience = 3 })
    #expect(patient.outcome == .stalled)
    #expect(patient.trajectory.steps == 30)
  }

  @Test func theTimeLimitEndsARun() throws {
    let problem = QuadraticProblem(curvatures: [1], start: [1])
    let run = try #require(
      try train(problem, learningRate: 0.1) { $0.timeLimitSeconds = 1e-9 })
    #expect(run.outcome == .timedOut)
    #expect(run.trajectory.steps == 1)
  }

  @Test func aCancelledRunIsNoResult() throws {
    let problem = QuadraticProblem()
    #expect(try train(problem, learningRate: 0.1, isCancelled: { true }) == nil)
  }

  @Test func theCosineOfOppositeGradientsIsMinusOne() throws {
    let problem = QuadraticProblem(curvatures: [1], start: [1])
    let run = try #require(try train(problem, learningRate: 1.5, steps: 10))
    #expect(run.trajectory[.gradientCosine][0].isNaN)
    #expect(run.trajectory[.gradientCosine].dropFirst().allSatisfy { abs($0 + 1) < 1e-6 })
  }

  @Test func theSameRunTwiceHasTheSameBits() throws {
    let problem = QuadraticProblem(curvatures: [1, 3, 10], start: [1, -2, 0.5])
    let first = try train(problem, optimizer: "adam", learningRate: 0.01)
    let second = try train(problem, optimizer: "adam", learningRate: 0.01)
    #expect(first == second)
  }

  @Test func perTensorNormsAreRecordedWhereThePlanAsks() throws {
    let problem = QuadraticProblem(curvatures: [1], start: [1])
    let run = try #require(
      try train(problem, learningRate: 0.1, steps: 5) { $0.recordsTensors = true })
    let tensors = try #require(run.tensors)
    #expect(tensors[.gradientNorm] == run.trajectory[.gradientNorm])
    #expect(tensors[.updateNorm] == run.trajectory[.updateNorm])
  }

  @Test func aLossThatIsNotANumberIsTheWorstStep() throws {
    let problem = QuadraticProblem(curvatures: [1], start: [1], nanLossAtStep: 7)
    let run = try #require(try train(problem, learningRate: 0.1))
    #expect(run.outcome == .nonfinite && run.failureTensor == "loss")
    #expect(run.failureStep == 7 && run.worstStep == 7)
  }

  /// The loss 2·1.96ᵏ has left its lower bound −1000 by twice the start's 1002 at
  /// k = ⌈ln 502 / ln 1.96⌉.
  @Test func anExplosionIsMeasuredFromTheLowerBound() throws {
    let problem = QuadraticProblem(curvatures: [4], start: [1], lowerBound: -1000)
    let run = try #require(try train(problem, learningRate: 0.6) { $0.explosionFactor = 2 })
    #expect(run.outcome == .exploded && run.failureStep == 10)
  }

  /// The loss 2e-6·1.96ᵏ is a thousand units at k = ⌈ln 5e8 / ln 1.96⌉.
  @Test func anExplosionFromASmallLossIsMeasuredInTheProblemsUnit() throws {
    let problem = QuadraticProblem(curvatures: [4], start: [1e-3], lossUnit: 1)
    let run = try #require(try train(problem, learningRate: 0.6))
    #expect(run.outcome == .exploded && run.failureStep == 30)
  }

  @Test func aTargetIsMetWhereTheLossIsExactlyIt() throws {
    var problem = QuadraticProblem(curvatures: [1], start: [1])
    problem.target = Target(metric: "train_loss", value: 0.125, isAtLeast: false, rule: "test")
    // The losses are ½, ⅛, ¹⁄₃₂, ….
    let run = try #require(
      try train(problem, learningRate: 0.5) { $0.evaluation.spacing = .every(1) })
    #expect(run.targetStep == 1)
  }

  @Test func aProjectionThatMovesTheParametersHasFired() throws {
    let problem = QuadraticProblem(curvatures: [1], start: [1])
    let run = try #require(
      try train(problem, clipping: "{name: range, max_value: 0.5}", learningRate: 0.25, steps: 3))
    // 1 → 0.75, cut to ½; then ⅜ and 0.28125 are within.
    #expect(run.trajectory.clipFired == [1, 0, 0])
    #expect(run.trajectory[.parameterNorm] == [0.5, 0.375, 0.28125])
  }
}
