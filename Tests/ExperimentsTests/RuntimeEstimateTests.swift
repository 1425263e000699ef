import Experiments
import Testing

@Suite struct RuntimeEstimateTests {
  private func estimate(_ optimizers: String, budget: String) throws -> RuntimeEstimate {
    let text = """
      optbench: 1
      name: t
      problems: [rosenbrock-2d]
      optimizers: \(optimizers)
      learning_rate: [0.001, 0.01, 0.1]
      seeds: 4
      budget: \(budget)
      evaluate: {every: 30}
      """
    return try RuntimeEstimate(
      ExperimentPlan(ExperimentSpec(text, file: "t.yml"), baseDirectory: "."))
  }

  @Test func everyOptimizerIsMeasuredWithItsOwnGradients() throws {
    let problem = try estimate("[sgd, sam, shampoo]", budget: "{steps: 100}").problems[0]
    #expect(problem.methods.map(\.optimizer) == ["sgd", "sam(sgd)", "shampoo"])
    #expect(problem.methods.map(\.gradientsPerStep) == [1, 2, 1])
    #expect(problem.methods.map(\.runs) == [12, 12, 12])
    #expect(problem.methods.map(\.steps) == [100, 100, 100])
    #expect(problem.runs == 36)
    // After 30, 60, 90 and 100 updates.
    #expect(problem.evaluations == 4)
  }

  @Test func aMethodThatDecidesAsItGoesIsMeasuredOnTheProblem() throws {
    let text = """
      optbench: 1
      name: t
      problems: [digits-mlp]
      optimizers:
        - {name: lbfgs, max_iter: 4}
        - {name: lbfgs, max_iter: 4, line_search_fn: strong_wolfe, label: searching}
      learning_rate: 1
      seeds: 1
      budget: {steps: 4}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "t.yml"), baseDirectory: ".")
    let methods = try RuntimeEstimate(plan).problems[0].methods
    let store = MemoryStore()
    _ = try ExperimentRunner(plan: plan, jobs: 1).run(
      into: store, report: { _ in }, isCancelled: { false })
    for (method, run) in zip(methods, store.published) {
      // The later half of four steps, of all four, within 2×.
      let real = Double(run.gradientEvaluations) / 4
      #expect(method.gradientsPerStep < 2 * real && method.gradientsPerStep > real / 2)
      #expect(method.gradientsPerStep > 2)
    }
  }

  @Test func everySettingOfAGridIsMeasured() throws {
    let methods = try estimate(
      "[{name: lbfgs, grid: {max_iter: [1, 4]}}]", budget: "{steps: 100}"
    ).problems[0].methods
    #expect(methods.map(\.runs) == [12, 12])
    #expect(methods[0].gradientsPerStep == 1)
    #expect(methods[1].gradientsPerStep > 1)
  }

  @Test func aBudgetOfGradientsIsShared() throws {
    let problem = try estimate("[sgd, sam]", budget: "{gradient_evaluations: 100}").problems[0]
    #expect(problem.methods.map(\.steps) == [100, 50])
  }

  @Test func theEvaluationsAreThoseOfARun() {
    for (interval, count) in [(100, 1), (1000, 1), (99, 2), (1, 100)] {
      #expect(EvaluationSchedule(.every(interval)).count(of: 100) == count)
    }
  }

  @Test func allJobsShareTheWork() throws {
    let estimate = try estimate("[sgd]", budget: "{steps: 10}")
    #expect(abs(estimate.seconds(jobs: 4) * 4 / estimate.seconds(jobs: 1) - 1) < 1e-12)
    let problem = estimate.problems[0]
    let run =
      10 * problem.methods[0].secondsPerStep
      + Double(problem.evaluations) * problem.secondsPerEvaluation + problem.secondsAtTheEnd
    #expect(abs(problem.seconds / (12 * run) - 1) < 1e-12)
  }

  @Test func aRunIsEvaluatedTenTimesUnlessTheFileSaysOtherwise() throws {
    let text = """
      {optbench: 1, name: t, problems: [rosenbrock-2d], optimizers: [sgd], learning_rate: 0.001,
       seeds: 1, budget: {steps: 57}}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "t.yml"), baseDirectory: ".")
    let store = MemoryStore()
    _ = try ExperimentRunner(plan: plan, jobs: 1).run(
      into: store, report: { _ in }, isCancelled: { false })
    #expect(
      store.published[0].evaluations.steps == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 57])
  }
}
