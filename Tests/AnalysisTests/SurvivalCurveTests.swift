import Analysis
import Records
import Testing

/// How runs failed one after the other.
@Suite struct SurvivalCurveTests {
  private static func curve(_ runs: [RunRecord]) -> SurvivalCurve {
    let analysis = ExperimentAnalysis(of: Synthetic.experiment(runs))
    return SurvivalCurve(analysis.problems.flatMap(\.summaries))
  }

  @Test func `the share falls where runs fail, and counts those that say something`() {
    let curve = Self.curve([
      Synthetic.run("sgd", seed: 0, outcome: .exploded, failureStep: 10),
      Synthetic.run("sgd", seed: 1, outcome: .nonfinite, failureStep: 10),
      Synthetic.run("sgd", seed: 2, losses: [1, 3, 2.5], outcome: .worseThanStart),
      Synthetic.run("sgd", seed: 3), Synthetic.run("sgd", seed: 4, outcome: .stalled),
      Synthetic.run("sgd", seed: 5, outcome: .objectiveFailed),
    ])
    #expect(curve.count == 5 && curve.steps == 100)
    #expect(curve.falls == [.init(step: 10, share: 0.6), .init(step: 100, share: 0.4)])
  }

  @Test func `without a failure there is no fall`() {
    let curve = Self.curve([Synthetic.run("sgd", seed: 0), Synthetic.run("sgd", seed: 1)])
    #expect(curve.count == 2 && curve.falls.isEmpty)
  }
}
