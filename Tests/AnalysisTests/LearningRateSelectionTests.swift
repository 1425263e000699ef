import Analysis
import Records
import Testing
import TestSupport

@Suite struct LearningRateSelectionTests {
  /// Three rates, five seeds; rate 0.1 is best with loss 0.2 against 0.4.
  private func runs(
    changing change: (inout RunRecord) -> Void = { _ in }
  ) -> [RunRecord] {
    [0.01, 0.1, 1].enumerated().flatMap { trial, rate in
      (0..<5).map { seed in
        var run = Synthetic.run(
          "sgd", trial: trial, rate: rate, seed: seed, losses: [1, 0.5, trial == 1 ? 0.2 : 0.4])
        change(&run)
        return run
      }
    }
  }

  private func chosen(_ runs: [RunRecord]) -> [Double] {
    analyse(runs).methods[0].choices.map(\.learningRate)
  }

  @Test func `the rate with the lowest validation loss is chosen`() {
    #expect(chosen(runs()) == [0.1, 0.1, 0.1, 0.1, 0.1])
  }

  @Test func `a seed never chooses its own rate`() {
    // Seed 2 does wonders at rate 1. Of three seeds nothing is trimmed, so it decides for the
    // others, and were it asked, for itself.
    let poisoned = runs { run in
      if run.seed == 2, run.trial == 2 { run.setFinal(.validationLoss, -1e9) }
    }.filter { $0.seed < 3 }
    #expect(chosen(poisoned) == [1, 1, 0.1])
  }

  @Test func `the test split never chooses`() {
    let poisoned = runs { run in
      run.setFinal(.testLoss, run.trial == 2 ? -1e9 : 0.3)
      run.setFinal(.testAccuracy, run.trial == 2 ? 1 : 0)
    }
    #expect(chosen(poisoned) == chosen(runs()))
  }

  @Test func `the test split scores`() throws {
    let scored = runs { $0.setFinal(.testLoss, Double($0.trial)) }
    let problem = analyse(scored)
    #expect(problem.metrics.selection == .validationLoss && problem.metrics.score == .testLoss)
    #expect(try #require(problem.methods[0].convergence.final(.testLoss)).value == 1)
  }

  @Test func `failed runs are the worst choice`() {
    // At 0.1, two of the four other seeds fail: half of the middle half is infinite.
    let failing = runs { run in
      if run.trial == 1, run.seed < 3 { run.outcome = .exploded }
    }
    #expect(chosen(failing).allSatisfy { $0 == 0.01 })
  }

  @Test func `where every rate fails the one with the fewest failures is chosen`() {
    let failing = runs { run in
      if run.trial != 2 || run.seed < 4 { run.outcome = .nonfinite }
    }
    // For seed 4 all others failed everywhere: the smallest rate.
    #expect(chosen(failing) == [1, 1, 1, 1, 0.01])
  }

  @Test func `without a validation split the training loss chooses`() {
    let training = runs { run in
      run.evaluations[.validationLoss] = run.evaluations[.validationLoss].map { _ in .nan }
      run.setFinal(.trainLoss, run.trial == 0 ? 0.1 : 0.9)
    }
    #expect(analyse(training).metrics.selection == .trainLoss)
    #expect(chosen(training).allSatisfy { $0 == 0.01 })
  }

  @Test func `one seed chooses for itself and the analysis says so`() {
    let single = runs().filter { $0.seed == 0 }
    let problem = analyse(single)
    #expect(!problem.isCrossFitted)
    #expect(problem.methods[0].choices.map(\.learningRate) == [0.1])
  }
}

extension RunRecord {
  /// Sets the last evaluation of `metric`.
  mutating func setFinal(_ metric: EvaluationMetric, _ value: Double) {
    evaluations[metric][evaluations[metric].count - 1] = Double(Float(value))
  }
}
