import Analysis
import Records
import Testing

/// One run in numbers, where it ended early, stood still or did not record everything.
@Suite struct RunSummaryTests {
  private func summary(_ run: RunRecord) throws -> RunSummary {
    try #require(analyse([run]).summaries.first)
  }

  @Test func aRunThatFailedHasNoEvaluationAtItsEnd() throws {
    let run = Synthetic.run(
      "sgd", seed: 0, losses: [2, 1, 0.5], outcome: .exploded, failureStep: 70, failure: "loss")
    let failed = try summary(run)
    #expect(EvaluationMetric.allCases.allSatisfy { failed.final($0) == nil })
    #expect(failed.lastEvaluationStep == 50)
    #expect(failed.lastEvaluations[EvaluationMetric.testLoss.index] == 1)

    let completed = try summary(Synthetic.run("sgd", seed: 0, losses: [2, 1, 0.5]))
    #expect(completed.final(.testLoss) == 0.5)
    #expect(completed.lastEvaluationStep == 100)
    // What only the last evaluation showed was measured at the end.
    var worse = Synthetic.run("sgd", seed: 0, losses: [2, 3, 4], outcome: .worseThanStart)
    worse.failureStep = 99
    #expect(try summary(worse).final(.testLoss) == 4)
  }

  @Test func aRunWithoutStepsKeepsItsEvaluations() throws {
    var run = Synthetic.run("sgd", seed: 0, losses: [2, 1, 0.5], fired: [1, 2, 3])
    run.trajectory = Trajectory()
    let bare = try summary(run)
    #expect(bare.final(.testLoss) == 0.5)
    #expect(bare.bestLoss == 0.5)
    #expect(bare.clipFireRate == nil && bare.skipRate == nil && !bare.hasStoodStill)
    run.outcome = .exploded
    run.failureStep = 120
    #expect(try summary(run).final(.testLoss) == nil)
  }

  @Test func stepsOfWhichNothingIsKnownCountNeitherWay() throws {
    var run = Synthetic.run(
      "sgd", clipping: "c", seed: 0, fired: Set(0..<20), coefficient: 0.25)
    for step in 50..<100 { run.trajectory.clipFired[step] = -1 }
    let half = try summary(run)
    #expect(half.clipFireRate == 0.4)
    #expect(half.meanClipCoefficient == 0.25)
    for step in 0..<100 { run.trajectory.clipFired[step] = -1 }
    #expect(try summary(run).clipFireRate == nil)
  }

  @Test func refusedStepsAreCountedApart() throws {
    var run = Synthetic.run(
      "sgd", clipping: "c", seed: 0, fired: Set(0..<50), coefficient: 0.5)
    run.trajectory.further = [
      RecordedSeries(.clipSkipped, (0..<100).map { 30..<50 ~= $0 ? 1 : 0 })
    ]
    for step in 30..<50 {
      run.trajectory[.clippedGradientNorm][step] = 1
      run.trajectory[.clipCoefficient][step] = 1
    }
    let clipped = try summary(run)
    #expect(clipped.clipFireRate == 0.3)
    #expect(clipped.skipRate == 0.2)
    #expect(clipped.meanClipCoefficient == 0.5)
    #expect(clipped.lostNormShare == 0.5)
  }

  /// Clips of the update alone, or of gradients asked for in files that did not tell them apart, leave
  /// the recorded gradient as it was.
  @Test func theCoefficientIsThatOfClippedGradients() throws {
    var run = Synthetic.run(
      "sgd", clipping: "c", seed: 0, fired: Set(0..<40), coefficient: 0.5)
    for step in 0..<20 {
      run.trajectory[.clippedGradientNorm][step] = 1
      run.trajectory[.clipCoefficient][step] = 1
    }
    #expect(try summary(run).clipFireRate == 0.4)
    #expect(try summary(run).meanClipCoefficient == 0.5)
    run.gradientEvaluations = 300
    run.trajectory.further = [
      RecordedSeries(.askedGradientsClipped, (0..<100).map { $0 < 10 ? 2 : 0 })
    ]
    #expect(try summary(run).askedClipRate == 0.1)
  }

  @Test func aRunThatNeverMovedIsNotStable() throws {
    func runs(stillAt rates: [Double]) -> [RunRecord] {
      [0.01, 0.1, 1].enumerated().flatMap { trial, rate in
        (0..<2).map { seed in
          var run = Synthetic.run(
            "sgd", clipping: "skip", trial: trial, rate: rate, seed: seed,
            losses: rates.contains(rate) ? [1, 1, 1] : [1, 0.5, 0.25])
          let update: Float = rates.contains(rate) ? 0 : 0.5
          run.trajectory[.updateNorm] = run.trajectory[.loss].map { _ in update }
          return run
        }
      }
    }
    let moving = try #require(analyse(runs(stillAt: [])).methods.first)
    #expect(moving.learningRates.stableDecades == 2)
    #expect(moving.stability.runs.isStable)
    let partly = try #require(analyse(runs(stillAt: [1])).methods.first)
    #expect(partly.stability.runs.failed == 0)
    #expect(partly.stability.runs.stoodStill == 2)
    #expect(!partly.stability.runs.isStable)
    #expect(partly.learningRates.largestStableRate == 0.1)
    #expect(partly.learningRates.stableDecades == 1.5)
    #expect(partly.learningRates.smallestUnstableRate == nil)
    let never = try #require(analyse(runs(stillAt: [0.01, 0.1, 1])).methods.first)
    #expect(never.learningRates.largestStableRate == nil)
    #expect(never.learningRates.stableDecades == 0)
  }
}
