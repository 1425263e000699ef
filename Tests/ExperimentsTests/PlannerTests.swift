import Experiments
import Foundation
import Records
import Storage
import Synchronization
import TestSupport
import Testing

/// Plans that depend on results.
@Suite struct PlannerTests {
  private func plan(seeds: Int = 2) throws -> ExperimentPlan {
    try ExperimentPlan(
      ExperimentSpec(
        """
        optbench: 1
        name: rounds
        problems: [rosenbrock-2d]
        optimizers: [sgd, adam]
        learning_rate: [1.0e-4, 1.0e-3, 1.0]
        seeds: \(seeds)
        budget: {steps: 30}
        """, file: "rounds.yml"), baseDirectory: ".")
  }

  private func run(
    _ plan: ExperimentPlan, jobs: Int, into store: any RunStore, refinements: Int = 1,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> Bool {
    try ExperimentRunner(plan: plan, jobs: jobs).run(
      by: RateRefinement(refinements: refinements), into: store, report: { _ in },
      isCancelled: isCancelled)
  }

  @Test func aRoundFollowsFromAllResultsBeforeItWhateverTheJobs() throws {
    var results: [[RunRecord]] = []
    for jobs in [1, 2, 5] {
      let store = MemoryStore()
      let plan = try plan()
      #expect(try run(plan, jobs: jobs, into: store))
      results.append(store.published)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    // sgd explodes at 1, so that its best rate is the middle or the first one: by hand, the mean final
    // loss of each rate.
    let grid = results[0].prefix(12)
    for optimizer in ["sgd", "adam"] {
      let own = grid.filter { $0.optimizer == optimizer }
      let rates = [1e-4, 1e-3, 1]
      let means = rates.map { rate -> Double in
        let costs = own.filter { $0.baseLearningRate == rate }.map { run in
          run.outcome.isDiverged ? Double.infinity : run.evaluations[.trainLoss].last ?? .nan
        }
        return Double(costs.reduce(0, +)) / 2
      }
      let best = means.indices.min { means[$0] < means[$1] } ?? 0
      let expected = [best - 1, best + 1].filter(rates.indices.contains).map {
        Double(String(format: "%.5e", (rates[best] * rates[$0]).squareRoot())) ?? .nan
      }
      let later = results[0].dropFirst(12).filter { $0.optimizer == optimizer }
      #expect(Set(later.map(\.baseLearningRate)) == Set(expected))
      #expect(later.count == 2 * expected.count)
      #expect(Set(later.map(\.trial)) == Set((0..<expected.count).map { 3 + $0 }))
    }
  }

  @Test func theGridIsOneRound() throws {
    let store = MemoryStore()
    let plan = try plan()
    _ = try ExperimentRunner(plan: plan, jobs: 2).run(
      into: store, report: { _ in }, isCancelled: { false })
    #expect(store.published.map(\.key) == plan.runs.map(\.key))
  }

  @Test func interruptedRoundsGoOnAndTheFileStatesThem() throws {
    let folder = try TemporaryFolder()
    let plan = try plan()
    let header = plan.header(provenance: Provenance())
    func archive(_ name: String) throws -> RunArchive {
      try RunArchive(path: "\(folder.path)/\(name).h5", header: header)
    }
    #expect(try run(plan, jobs: 2, into: archive("whole"), refinements: 2))
    let whole = try RunArchive.read("\(folder.path)/whole.h5")
    #expect(whole.runs.count == whole.header.plannedRuns)
    #expect(Set(whole.header.plan.map(\.round)) == [0, 1, 2])
    #expect(!whole.header.plan.contains { !$0.isNamed })

    // Stopped in the first and in the second round.
    for stop in [5, 14] {
      let store = try archive("part")
      let isComplete = try run(plan, jobs: 1, into: store, refinements: 2) {
        ((try? store.finishedRuns().count) ?? 0) >= stop
      }
      #expect(!isComplete)
    }
    let store = try archive("part")
    #expect(try run(plan, jobs: 2, into: store, refinements: 2))
    let part = try RunArchive.read("\(folder.path)/part.h5")
    #expect(part.contentDigest == whole.contentDigest)
    #expect(part.header.plan == whole.header.plan)

    // A finished plan run again changes nothing.
    let bytes = FileManager.default.contents(atPath: "\(folder.path)/whole.h5")
    let again = try archive("whole")
    #expect(again.warnings.isEmpty, "\(again.warnings)")
    #expect(try run(plan, jobs: 2, into: again, refinements: 2))
    #expect(FileManager.default.contents(atPath: "\(folder.path)/whole.h5") == bytes)
  }

  @Test func theTimeLeftIsThatOfTheWorkLeft() {
    #expect(remainingSeconds(elapsed: 10, finishedWork: 1, of: 4) == 30)
    #expect(remainingSeconds(elapsed: 10, finishedWork: 4, of: 4) == 0)
  }
}
