import Analysis
import Records
import Testing
import TestSupport

@Suite struct LearningRateTests {
  /// One method over rates, two seeds each; a rate in `failing` fails on seed 1.
  private func rates(
    _ rates: [Double], failing: Set<Int> = [], final: (Int) -> Double = { _ in 0.5 }
  ) -> LearningRateAnalysis {
    let runs = rates.indices.flatMap { trial in
      (0..<2).map { seed in
        let fails = seed == 1 && failing.contains(trial)
        return Synthetic.run(
          "sgd", trial: trial, rate: rates[trial], seed: seed, losses: [1, 0.75, final(trial)],
          outcome: fails ? .exploded : .completed, failureStep: fails ? 5 : -1)
      }
    }
    return analyse(runs).methods[0].learningRates
  }

  @Test func `each rate stands for half the way to its neighbours`() {
    // 10⁻⁴ … 1: widths ½, 1, 1, 1, ½ decades.
    let grid = rates([1e-4, 1e-3, 1e-2, 0.1, 1], failing: [4])
    #expect(isClose(grid.gridDecades, 4))
    #expect(isClose(grid.stableDecades ?? 0, 3.5))
    #expect(grid.largestStableRate == 0.1 && grid.smallestUnstableRate == 1)
  }

  @Test func `stability need not end at one edge`() {
    let grid = rates([1e-4, 1e-3, 1e-2, 0.1, 1], failing: [1, 3])
    #expect(isClose(grid.stableDecades ?? 0, 2))
    #expect(grid.largestStableRate == 1 && grid.smallestUnstableRate == 1e-3)
  }

  @Test func `the order of the plan does not matter`() {
    let grid = rates([1, 1e-4, 0.1, 1e-2, 1e-3], failing: [0])
    #expect(grid.cells.map(\.learningRate) == [1e-4, 1e-3, 1e-2, 0.1, 1])
    #expect(isClose(grid.stableDecades ?? 0, 3.5))
  }

  @Test func `one rate has no width and no sensitivity`() {
    let grid = rates([0.1])
    #expect(grid.gridDecades == 0 && grid.stableDecades == nil && grid.sensitivity == nil)
    #expect(grid.largestStableRate == 0.1 && grid.smallestUnstableRate == nil)
  }

  @Test func `sensitivity is the mean excess loss over the grid`() {
    // Finals 0.5, 0.25, 0.5 at 0.01, 0.1, 1; the last fails on one of two seeds, which counts as the
    // initial loss 1: means 0.5, 0.25, 0.75. Weights ½, 1, ½: (½ · 0.25 + ½ · 0.5) / 2.
    let grid = rates([0.01, 0.1, 1], failing: [2], final: { [0.5, 0.25, 0.5][$0] })
    #expect(isClose(grid.sensitivity ?? 0, 0.1875))
  }

  @Test func `a finite loss above the initial one counts as the initial one`() {
    let runs = [0.1, 1].enumerated().map { trial, rate in
      Synthetic.run(
        "sgd", trial: trial, rate: rate, seed: 0, losses: [1, 1, trial == 0 ? 0.5 : 1.005])
    }
    #expect(isClose(analyse(runs).methods[0].learningRates.sensitivity ?? 0, 0.25))
  }

  @Test func `a rate without runs leaves the width unknown`() {
    // The second method shows that the grid has a second rate.
    let runs = [
      Synthetic.run("sgd", trial: 0, rate: 0.1, seed: 0),
      Synthetic.run("sgd", clipping: "value(1)", trial: 0, rate: 0.1, seed: 0),
      Synthetic.run("sgd", clipping: "value(1)", trial: 1, rate: 1, seed: 0),
    ]
    let method = analyse(runs, planned: 4).methods[0]
    #expect(method.learningRates.cells.map(\.runs.missing) == [0, 1])
    #expect(method.learningRates.stableDecades == nil)
    #expect(method.learningRates.cells[1].score == nil)
  }
}
