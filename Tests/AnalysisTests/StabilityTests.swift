import Analysis
import Records
import Testing
import TestSupport

@Suite struct StabilityTests {
  /// Ten runs of one method: four fail in three ways.
  static let method: MethodAnalysis? = {
    var runs = (0..<10).map { seed in
      let outcome: Outcome =
        switch seed {
        case 0, 1: .nonfinite
        case 2: .exploded
        case 3: .worseThanStart
        default: .completed
        }
      return Synthetic.run(
        "sgd", seed: seed, outcome: outcome, failureStep: seed < 3 ? 9 + 10 * seed : -1,
        failure: ["update a.weight", "update a.weight", "loss"].indices.contains(seed)
          ? ["update a.weight", "update a.weight", "loss"][seed] : "")
    }
    runs[0].spikes = 3
    runs[5].spikes = 1
    runs[5].spikesRecovered = 1
    runs[0].nonfiniteGradients = 2
    runs[6].nonfiniteGradients = 4
    return analyse(runs).methods.first
  }()

  @Test func `failed runs are counted by outcome and nothing is lost`() throws {
    let runs = try #require(Self.method).stability.runs
    #expect(runs.planned == 10 && runs.done == 10 && runs.failed == 4 && runs.missing == 0)
    #expect(runs.count(.nonfinite) == 2 && runs.count(.exploded) == 1)
    #expect(runs.count(.worseThanStart) == 1 && runs.count(.completed) == 6)
    #expect(runs.outcomes.reduce(0, +) == runs.done)
  }

  @Test func `the failure rate has its exact interval`() throws {
    // The p with P(X ≥ 4) = 0.025 and P(X ≤ 4) = 0.025 of ten runs, by bisection in 40 digits.
    let rate = try #require(Self.method?.stability.failureRate)
    #expect(rate.value == 0.4)
    #expect(isClose(try #require(rate.lower), 0.12155225811982718, relative: 1e-9))
    #expect(isClose(try #require(rate.upper), 0.7376219233930549, relative: 1e-9))
  }

  @Test func `spikes are counted per thousand steps of all runs`() throws {
    let stability = try #require(Self.method).stability
    // Steps: 10 + 20 + 30 of the runs that failed on the way, 7 × 100 of the others.
    #expect(isClose(try #require(stability.spikesPerThousandSteps), 4000.0 / 760))
    #expect(stability.recoveredSpikeShare == 0.25)
    #expect(stability.nonfiniteGradientsSurvived == 4)
  }

  @Test func `half of the runs have failed by the Kaplan–Meier median`() {
    // Four of six fail, at steps 9, 19, 29, 39: the third failure leaves half.
    let runs = (0..<6).map { seed in
      Synthetic.run(
        "sgd", seed: seed, outcome: seed < 4 ? .exploded : .completed,
        failureStep: seed < 4 ? 9 + 10 * seed : -1, failure: "loss")
    }
    #expect(analyse(runs).methods[0].stability.medianStepsToFailure == 29)
    #expect(Self.method?.stability.medianStepsToFailure == nil)
  }

  @Test func `failures are grouped by what happened, the most frequent first`() throws {
    let groups = try #require(Self.method).stability.failures
    #expect(groups.map(\.count) == [2, 1, 1])
    #expect(groups[0].outcome == .nonfinite && groups[0].what == "update")
    #expect(groups[0].tensor == "a.weight" && groups[0].medianStep == 14)
    #expect(groups[1].what == "loss" && groups[1].tensor == "")
    #expect(groups[2].outcome == .worseThanStart && groups[2].medianStep == nil)
  }

  @Test func `gradient norms are judged against the run's own median`() {
    // 99 steps of norm 2 and one of 30: median 2, maximum 15 times that.
    var norms = [Float](repeating: 2, count: 100)
    norms[40] = 30
    let stability = analyse([Synthetic.run("sgd", seed: 0, gradientNorms: norms)])
      .methods[0].stability
    #expect(stability.largestGradientRatio == 15)
    // The 99th percentile lies at position 98.01 of 0…99: 2 + 0.01 × 28.
    #expect(isClose(stability.highGradientRatio ?? 0, (2 + 0.01 * 28) / 2, relative: 1e-9))
  }

  @Test func `a gradient that became infinite shows as an infinite ratio`() {
    var norms = [Float](repeating: 1, count: 100)
    norms[99] = .nan
    let stability = analyse([Synthetic.run("sgd", seed: 0, gradientNorms: norms)])
      .methods[0].stability
    #expect(stability.largestGradientRatio == .infinity)
    #expect(stability.highGradientRatio == 1 || stability.highGradientRatio == .infinity)
  }

  @Test func `clipping is measured where it fired`() throws {
    // It fires at 25 of 100 steps, on norms 4 of which it leaves 1; elsewhere the norm is 1.
    let norms = (0..<100).map { Float($0 < 25 ? 4 : 1) }
    let stability = analyse([
      Synthetic.run(
        "sgd", clipping: "value(1)", seed: 0, gradientNorms: norms, fired: Set(0..<25),
        coefficient: 0.25)
    ]).methods[0].stability
    #expect(stability.clipFireRate == 0.25)
    #expect(stability.meanClipCoefficient == 0.25)
    #expect(stability.lostNormShare == 0.75)
  }

  @Test func `a clip of an infinite gradient has fired, and is left out of what it took`() {
    // 4 → 1 at 24 steps; the 25th norm is infinite and has no share.
    var run = Synthetic.run(
      "sgd", clipping: "value(1)", seed: 0,
      gradientNorms: (0..<100).map { $0 == 7 ? .infinity : $0 < 25 ? 4 : 1 }, fired: Set(0..<25),
      coefficient: 0.25)
    run.trajectory[.clippedGradientNorm][7] = 1
    run.trajectory[.clipCoefficient][7] = 0
    let stability = analyse([run]).methods[0].stability
    #expect(stability.clipFireRate == 0.25)
    #expect(stability.meanClipCoefficient == 0.25 && stability.lostNormShare == 0.75)
  }

  @Test func `a clip that never fires has no coefficient`() {
    let stability = analyse([Synthetic.run("sgd", clipping: "value(1)", seed: 0)])
      .methods[0].stability
    #expect(stability.clipFireRate == 0)
    #expect(analyse([Synthetic.run("sgd", seed: 0)]).methods[0].stability.clipFireRate == nil)
    #expect(stability.meanClipCoefficient == nil && stability.lostNormShare == nil)
  }
}

/// The analysis of one problem's runs.
func analyse(
  _ runs: [RunRecord], problem: ProblemRecord = Synthetic.problem(), planned: Int? = nil
) -> ProblemAnalysis {
  ExperimentAnalysis(of: Synthetic.experiment([problem], runs, planned: planned)).problems[0]
}
