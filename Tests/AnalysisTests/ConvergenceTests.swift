import Analysis
import Records
import Testing
import TestSupport

@Suite struct ConvergenceTests {
  private let problem = Synthetic.problem(target: (.trainLoss, 0.3))

  @Test func `the final loss is the interquartile mean of the seeds`() throws {
    // 1 … 8: the middle half is 3 … 6.
    let runs = (1...8).map {
      Synthetic.run("sgd", seed: $0, losses: [10, 9, Double($0)])
    }
    let final = try #require(analyse(runs).methods[0].convergence.final(.testLoss))
    #expect(final.value == 4.5)
    let (lower, upper) = (try #require(final.lower), try #require(final.upper))
    #expect(lower < 4.5 && 4.5 < upper && lower >= 1 && upper <= 8)
  }

  @Test func `a failed run counts as infinite loss and no accuracy`() throws {
    let runs = (0..<4).map { seed in
      Synthetic.run(
        "sgd", seed: seed, accuracy: 0.8, outcome: seed < 2 ? .exploded : .completed,
        failureStep: seed < 2 ? 5 : -1)
    }
    let convergence = analyse(runs).methods[0].convergence
    // Sorted: 0.25, 0.25, ∞, ∞; the middle half holds one of each.
    #expect(try #require(convergence.final(.testLoss)).value == .infinity)
    #expect(isClose(try #require(convergence.final(.testAccuracy)).value, 0.4, relative: 1e-6))
    #expect(convergence.runs.failed == 2 && convergence.runs.done == 4)
    // The best loss is what was seen before the failure.
    #expect(try #require(convergence.bestLoss).value == 0.625)
  }

  @Test func `the cost of the target counts failures three ways`() throws {
    // Reached at 50, at 100, not in 100, and failed at step 9 after 10 gradient evaluations.
    let runs = [
      Synthetic.run("sgd", seed: 0, targetStep: 50),
      Synthetic.run("sgd", seed: 1, targetStep: 100),
      Synthetic.run("sgd", seed: 2),
      Synthetic.run("sgd", seed: 3, outcome: .nonfinite, failureStep: 9, failure: "loss"),
    ]
    let analysis = analyse(runs, problem: problem)
    let target = try #require(analysis.methods[0].convergence.target)
    #expect(analysis.budget == 100)
    #expect(target.reached == 2 && target.successRate.value == 0.5)
    #expect(target.medianEvaluations == .infinity)
    #expect(target.expectedRunningTime == 130)
    #expect(target.penalizedAverage == Double(50 + 100 + 1000 + 1000) / 4)
  }

  @Test func `a later explosion does not erase a target that was met`() throws {
    let runs = [
      Synthetic.run(
        "sgd", seed: 0, outcome: .exploded, failureStep: 80, failure: "loss", targetStep: 50)
    ]
    let method = analyse(runs, problem: problem).methods[0]
    #expect(try #require(method.convergence.target).reached == 1)
    #expect(try #require(method.convergence.target).medianEvaluations == 50)
    #expect(method.stability.runs.failed == 1)
  }

  @Test func `two gradients per step make the target twice as dear`() throws {
    var run = Synthetic.run("sam", seed: 0, targetStep: 50)
    run.evaluations.gradientEvaluations = [0, 100, 200]
    run.gradientEvaluations = 200
    let analysis = analyse([run], problem: problem)
    #expect(try #require(analysis.methods[0].convergence.target).medianEvaluations == 100)
    #expect(analysis.budget == 100)
  }

  @Test func `a method that spends more gradients changes no other method's PAR-10`() throws {
    let sgd = (0..<4).map { Synthetic.run("sgd", seed: $0, targetStep: $0 == 0 ? 50 : -1) }
    let searching = (0..<4).map { seed in
      var run = Synthetic.run("lbfgs", seed: seed)
      run.evaluations.gradientEvaluations = [0, 200, 400]
      run.gradientEvaluations = 400
      return run
    }
    let alone = analyse(sgd, problem: problem)
    let both = analyse(sgd + searching, problem: problem)
    #expect(both.budget == alone.budget)
    let averages = both.methods.map { $0.convergence.target?.penalizedAverage }
    #expect(averages == [Double(50 + 3 * 1000) / 4, 1000])
    #expect(averages[0] == alone.methods[0].convergence.target?.penalizedAverage)
  }

  @Test func `without a target nothing is said about one`() {
    #expect(analyse([Synthetic.run("sgd", seed: 0)]).methods[0].convergence.target == nil)
  }

  @Test func `the area under the log-loss curve is the mean logarithm`() throws {
    // log₁₀: 0, −1, −2 at 0, 50, 100: −1 on average.
    let run = Synthetic.run("sgd", seed: 0, losses: [1, 0.1, 0.01])
    let area = try #require(analyse([run]).methods[0].convergence.areaUnderLogLoss)
    #expect(isClose(area.value, -1, absolute: 1e-6))
    #expect(area.lower == nil && area.upper == nil)
  }

  @Test func `the loss counts from the problem's lower bound`() throws {
    var shifted = Synthetic.problem()
    shifted.lowerBound = -1
    let run = Synthetic.run("sgd", seed: 0, losses: [0, -0.9, -0.99])
    let area = analyse([run], problem: shifted).methods[0].convergence.areaUnderLogLoss
    #expect(isClose(try #require(area).value, -1, absolute: 1e-6))
  }

  @Test func `evaluations beyond a run's last step are padding`() throws {
    // A file of several runs pads the shorter ones.
    var run = Synthetic.run("sgd", seed: 0, outcome: .timedOut, steps: 60)
    run.evaluations.steps = [0, 30, 60, 90]
    run.evaluations.gradientEvaluations = [0, 30, 60, 0]
    for metric in EvaluationMetric.allCases { run.evaluations[metric].append(.nan) }
    let method = analyse([run]).methods[0]
    #expect(method.stability.runs.failed == 0)
    #expect(try #require(method.convergence.final(.testLoss)).value == 0.25)
  }

  @Test func `a completed run without a finite final loss has failed`() {
    var run = Synthetic.run("sgd", seed: 0)
    run.setFinal(.testLoss, .nan)
    let method = analyse([run, Synthetic.run("sgd", seed: 1)]).methods[0]
    #expect(method.stability.runs.failed == 1 && method.stability.runs.count(.completed) == 2)
  }

  @Test func `the default learning rate is judged for itself`() throws {
    let runs = (0..<2).flatMap { seed in
      [0.01, 0.1].enumerated().map { trial, rate in
        Synthetic.run(
          "sgd", trial: trial, rate: rate, isDefault: trial == 0, seed: seed,
          losses: [1, 0.5, trial == 0 ? 0.75 : 0.25])
      }
    }
    let method = analyse(runs).methods[0]
    let box = try #require(method.outOfTheBox)
    #expect(box.learningRate == 0.01)
    #expect(try #require(box.convergence.final(.testLoss)).value == 0.75)
    #expect(try #require(method.convergence.final(.testLoss)).value == 0.25)
    #expect(box.stability.runs.done == 2)
  }
}
