import Experiments
import Foundation
import Problems
import Records
import Settings
import Storage
import Testing

/// When runs are evaluated, and on which splits.
@Suite struct EvaluationScheduleTests {
  private func runs(_ more: String, protocol name: String = "grid") throws -> [RunRecord] {
    let text = """
      optbench: 1
      name: evaluated
      protocol: \(name)
      problems: [digits-mlp]
      optimizers: [sgd, {name: sam, base: sgd}]
      seeds: 2
      \(more)
      """
    let plan = try ExperimentPlan(
      ExperimentSpec(text, file: "evaluated.yml"), baseDirectory: ".")
    let store = MemoryStore()
    _ = try ExperimentRunner(plan: plan, jobs: 2).run(
      into: store, report: { _ in }, isCancelled: { false })
    return store.published
  }

  @Test func logarithmicEvaluationsGrowByAFactor() throws {
    let more = "learning_rate: 0.1\nbudget: {steps: 100}\nevaluate: {logarithmic: 10}"
    let run = try #require(try runs(more).first)
    // The tenth root of 100 is 1.58; two of its powers round to 2 and 3, none is skipped twice.
    #expect(run.evaluations.steps == [0, 2, 3, 4, 6, 10, 16, 25, 40, 63, 100])
  }

  @Test func theTestSplitIsReadAtBothEndsWithTheSameResult() throws {
    let budget = "learning_rate: 0.1\nbudget: {gradient_evaluations: 40}\n"
    let always = try runs(budget + "evaluate: {every: 10}")
    let end = try runs(budget + "evaluate: {every: 10, test: end}")
    for (whole, partial) in zip(always, end) {
      #expect(whole.trajectory == partial.trajectory)
      #expect(whole.identity != partial.identity)
      #expect(whole.evaluations.steps == partial.evaluations.steps)
      let read = partial.evaluations[.testLoss].map { !$0.isNaN }
      // SAM spends two gradients a step, and ends at an evaluation that nobody knew to be the last.
      #expect(read == read.indices.map { $0 == 0 || $0 == read.count - 1 })
      #expect(partial.evaluations[.testLoss].last == whole.evaluations[.testLoss].last)
      #expect(partial.evaluations[.testAccuracy].last == whole.evaluations[.testAccuracy].last)
      #expect(partial.evaluations[.validationLoss] == whole.evaluations[.validationLoss])
    }
  }

  @Test func aRunThatTunesNeverReadsTheTestSplit() throws {
    let all = try runs(
      "tuning: {seeds: 1, rates: 5}\nbudget: {gradient_evaluations: 20}", protocol: "robust")
    let tuning = all.filter { $0.seed >= 1000 }
    let ranking = all.filter { $0.seed < 1000 }
    #expect(!tuning.isEmpty && !ranking.isEmpty)
    for metric in [EvaluationMetric.testLoss, .testAccuracy] {
      #expect(tuning.allSatisfy { $0.evaluations[metric].allSatisfy(\.isNaN) })
      #expect(
        ranking.filter { !$0.outcome.isDiverged }.allSatisfy { run in
          run.evaluations[metric].last?.isNaN == false
        })
    }
  }

  @Test(arguments: [
    ("{every: 5, logarithmic: 5}", "either 'every' so many updates or 'logarithmic'"),
    ("{logarithmic: 1}", "logarithmic"),
    ("{test: never}", "'never' is no time to read the test split; allowed: always, end"),
  ])
  func whatIsNotPossibleIsRefused(value: String, message: String) {
    let error = #expect(throws: SettingsError.self) {
      try runs("learning_rate: 0.1\nbudget: {steps: 10}\nevaluate: \(value)")
    }
    #expect(error?.description.contains(message) == true)
  }
}
