import Analysis
import Experiments
import Problems
import Records
import Reports
import Storage
import TestSupport
import Testing

/// An objective that fails ends its run and nothing else: the run is stored with what it did, is no
/// divergence, and is counted apart in the report.
@Suite struct ObjectiveFailureTests {
  private func plan(_ optimizer: String = "sam") throws -> ExperimentPlan {
    let text = """
      optbench: 1
      name: failing
      problems: [{name: valley, function: {name: rosenbrock, dimension: 2}}]
      optimizers: [sgd, \(optimizer)]
      learning_rate: [0.0001]
      seeds: 3
      budget: {steps: 12}
      evaluate: {every: 5}
      """
    return try ExperimentPlan(ExperimentSpec(text, file: "failing.yml"), baseDirectory: ".")
  }

  /// The runs of `plan` on its problem, whose objective fails at `moment` in those of seed 1.
  private func runs(
    _ plan: ExperimentPlan, failingAt moment: FailingProblem.Moment?
  ) throws -> [RunRecord] {
    let whole = plan.problems[0]
    let problem: any TestProblem =
      if let moment { FailingProblem(base: whole, seed: 1, moment: moment) } else { whole }
    let measurements = SeedMeasurements()
    return try plan.runs.map { planned in
      let trainer = Trainer(
        problem: problem, plan: plan.trainingPlans[0], seedMeasurements: measurements)
      return try #require(
        trainer.train(
          plan.record(for: planned), with: plan.method(for: planned), isCancelled: { false }))
    }
  }

  @Test(arguments: [
    (FailingProblem.Moment.firstEvaluation, 0, 0, 0), (.gradient(step: 0, number: 1), 0, 0, 1),
    (.gradient(step: 7, number: 1), 7, 7, 2), (.evaluation(step: 10), 10, 10, 2),
    (.evaluation(step: 12), 12, 12, 3),
  ])
  func theRunKeepsWhatItDidUntilThen(
    moment: FailingProblem.Moment, steps: Int, failureStep: Int, evaluations: Int
  ) throws {
    let plan = try plan()
    let healthy = try runs(plan, failingAt: nil)
    for (run, whole) in zip(try runs(plan, failingAt: moment), healthy) {
      guard run.seed == 1 else {
        #expect(run == whole)
        continue
      }
      #expect(run.outcome == .objectiveFailed && !run.outcome.isDiverged)
      #expect(run.failureTensor == "objective the child ended with code 3")
      #expect(run.failureStep == failureStep && run.trajectory.steps == steps)
      #expect(run.trajectory[.loss] == Array(whole.trajectory[.loss].prefix(steps)))
      #expect(run.trajectory[.updateNorm] == Array(whole.trajectory[.updateNorm].prefix(steps)))
      #expect(run.evaluations.steps == Array(whole.evaluations.steps.prefix(evaluations)))
    }
  }

  /// SAM's second gradient.
  @Test func aGradientThatTheMethodAsksForMayFailToo() throws {
    let plan = try plan()
    let found = try runs(plan, failingAt: .gradient(step: 4, number: 2))
      .filter { $0.outcome == .objectiveFailed }
    #expect(found.count == 1)
    #expect(found[0].optimizer.hasPrefix("sam") && found[0].trajectory.steps == 4)
  }

  @Test(arguments: [FailingProblem.Moment.opening, .gradient(step: 7, number: 1)])
  func theWholePathToTheReportSaysWhatCouldNotBeComputed(moment: FailingProblem.Moment) throws {
    let folder = try TemporaryFolder()
    let plan = try plan("adam")
    let found = try runs(plan, failingAt: moment)
    let path = "\(folder.path)/failing.h5"
    let archive = try RunArchive(path: path, header: plan.header(provenance: Provenance()))
    for run in found { try archive.keep(run) }
    try archive.publish(order: plan.runs.map(\.key))
    let record = try RunArchive.read(path)
    #expect(record.runs == found)

    let void = record.runs.count { $0.outcome == .objectiveFailed }
    let isOpening = if case .opening = moment { true } else { false }
    #expect(void == (isOpening ? 6 : 2))
    let analysis = ExperimentAnalysis(of: record)
    #expect(analysis.runs.void == void && analysis.runs.done == 6 - void)
    #expect(analysis.runs.missing == 0 && analysis.runs.failed == 0)
    let report = ReportFormat.markdown.render(Report(analysis))
      .map(\.contents).joined()
    #expect(report.contains("**\(void) could not be computed** because their objective failed"))
    #expect(report.contains("none failed") && !report.contains("are missing"))
    let tables = ReportFormat.csv.render(Report(analysis))
    let runs = try #require(tables.first { $0.name == "runs.csv" })
    let lines = runs.contents.split(whereSeparator: \.isNewline)
    #expect(lines.count { $0.contains(",objective_failed,false,") } == void)
    guard !isOpening else { return }
    // What is left is judged as if the others had not been planned.
    let problem = try #require(analysis.problems.first)
    for method in problem.methods {
      #expect(method.stability.runs.done == 2 && method.stability.runs.void == 1)
      #expect(method.stability.failureRate?.value == 0)
      #expect(method.convergence.final(.trainLoss) != nil)
      #expect(method.convergence.runs.void == 1)
    }
  }

  @Test func aSessionGivesEachRunTheObjectiveOfItsSeed() throws {
    let text = """
      optbench: 1
      name: shared
      problems: [digits-mlp]
      optimizers: [adam]
      learning_rate: [0.01]
      seeds: 3
      budget: {steps: 6}
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "s.yml"), baseDirectory: ".")
    let problem = plan.problems[0]
    let session = try problem.openSession()
    let trainer = Trainer(problem: problem, plan: plan.trainingPlans[0])
    for planned in plan.runs {
      let (record, method) = (plan.record(for: planned), plan.method(for: planned))
      let shared = trainer.train(record, with: method, in: { session }, isCancelled: { false })
      let alone = trainer.train(record, with: method, isCancelled: { false })
      #expect(shared == alone)
    }
    // One after the other they are the same memory; at the same time they are not.
    let first = session.makeObjective(seed: 0)
    #expect(first !== session.makeObjective(seed: 1))
    let other = ObjectIdentifier(session.makeObjective(seed: 1))
    #expect(other == ObjectIdentifier(session.makeObjective(seed: 2)))
  }
}
