import Analysis
import Records
import Testing

@Suite struct PlanTests {
  private func run(_ optimizer: String, _ clipping: String, trial: Int, seed: Int) -> RunRecord {
    Synthetic.run(
      optimizer, clipping: clipping, trial: trial, rate: [0.01, 0.1][trial], seed: seed)
  }

  @Test func `a method that has not begun is planned and missing`() {
    // Two optimizers, two clippings, two rates, two seeds; adam + value has no run yet.
    let runs = [("sgd", "none"), ("sgd", "value(1)"), ("adam", "none")].flatMap { names in
      (0..<2).flatMap { trial in
        (0..<2).map { run(names.0, names.1, trial: trial, seed: $0) }
      }
    }
    let analysis = ExperimentAnalysis(of: Synthetic.experiment(runs, planned: 16))
    let problem = analysis.problems[0]
    #expect(problem.methods.map(\.method.label).last == "adam + value(1)")
    #expect(problem.methods.map(\.stability.runs.planned) == [4, 4, 4, 4])
    #expect(problem.methods.map(\.stability.runs.missing) == [0, 0, 0, 4])
    #expect(analysis.runs.missing == 4 && analysis.unattributedRuns == 0)
    #expect(problem.ranking.unranked.map(\.label) == ["adam + value(1)"])
  }

  @Test func `missing runs without a trace are counted all the same`() {
    let runs = (0..<3).map { run("sgd", "none", trial: 0, seed: $0) }
    let analysis = ExperimentAnalysis(of: Synthetic.experiment(runs, planned: 10))
    #expect(analysis.runs.planned == 10 && analysis.runs.done == 3 && analysis.runs.missing == 7)
    #expect(analysis.unattributedRuns == 7)
  }

  @Test func `what is stored is enough where the plan was no full crossing`() {
    // Only the diagonal was planned.
    let runs = [run("sgd", "none", trial: 0, seed: 0), run("adam", "value(1)", trial: 1, seed: 1)]
    let analysis = ExperimentAnalysis(of: Synthetic.experiment(runs, planned: 2))
    #expect(analysis.runs.missing == 0)
    #expect(analysis.problems[0].methods.map(\.stability.runs.planned) == [1, 1])
  }

  @Test func `a problem without runs has its planned methods`() {
    let problems = [Synthetic.problem("bowl"), Synthetic.problem("empty")]
    let runs = (0..<2).map { run("sgd", "none", trial: 0, seed: $0) }
    let analysis = ExperimentAnalysis(of: Synthetic.experiment(problems, runs, planned: 4))
    #expect(analysis.problems[1].runs.planned == 2 && analysis.problems[1].runs.missing == 2)
    #expect(analysis.problems[1].ranking.methods.isEmpty)
  }
}
