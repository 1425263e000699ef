import Experiments
import Foundation
import Records
import Settings
import Testing

/// A failure that is the schedule's or the data's is told before it is booked on an optimizer.
@Suite struct ScheduleCheckTests {
  private func text(_ schedule: String, steps: Int = 10, problem: String = "rosenbrock-2d")
    -> String
  {
    """
    optbench: 1
    name: schedules
    problems: [\(problem)]
    optimizers: [sgd, {name: adam, learning_rate: [0.01, 0.1]}]
    learning_rate: [0.0001]
    schedule: \(schedule)
    clipping: [none]
    seeds: 2
    budget: {steps: \(steps)}
    evaluate: {every: 5}
    """
  }

  private func plan(_ text: String) throws -> ExperimentPlan {
    try ExperimentPlan(ExperimentSpec(text, file: "s.yml"), baseDirectory: ".")
  }

  @Test func aScheduleThatGrowsBeyondTheFloatsIsRefused() throws {
    let growing = text("{name: step, step_size: 1, gamma: 1.0e+10}")
    let error = #expect(throws: PlanError.self) { try plan(growing) }
    // From the greatest rate of all methods, 0.1·10⁴⁰.
    let message = error?.description ?? "none"
    #expect(message.contains("schedule 'step': from 0.1 the learning rate becomes 1"), "\(message)")
    #expect(message.contains("at step 4 of 10 on problem 'rosenbrock-2d'"), "\(message)")
    _ = try plan(text("{name: step, step_size: 1, gamma: 1.0e+10}", steps: 4))
  }

  @Test(arguments: ["1.0e-39", "1.0e-320"])
  func aRateThatCountsAsZeroIsRefused(rate: String) throws {
    let lost = text("constant").replacingOccurrences(of: "[0.0001]", with: "[0.1, \(rate)]")
    let error = #expect(throws: PlanError.self) { try plan(lost) }
    #expect(error?.description.hasPrefix("optimizer 'sgd': the learning rate 1e-3") == true)
    _ = try plan(text("constant").replacingOccurrences(of: "0.0001", with: "1.2e-38"))
  }

  @Test func aWarmUpLongerThanTheRunIsToldAndOneAsLongIsNot() throws {
    #expect(try plan(text("{name: cosine, warmup_steps: 10}")).warnings.isEmpty)
    let warnings = try plan(text("{name: cosine, warmup_steps: 11}")).warnings
    #expect(warnings.count == 1)
    #expect(
      warnings.first?.contains("its 11 steps of warm-up (warmup_steps) exceed the 10") == true)
    #expect(try plan(text("noam")).warnings.count == 1)
  }

  @Test func aTraceRefusesTheSame() throws {
    let method = try MethodFile(
      "{optimizer: sgd, learning_rate: 1, schedule: {name: step, step_size: 1, gamma: 1.0e+30}}",
      file: "method.yml")
    let given = try GivenGradients(
      Data(
        #"""
        {"parameters": [{"name": "w", "shape": [1], "role": "weight", "values": [1]}],
         "gradients": [[1], [1], [1]]}
        """#.utf8), file: "g.json")
    let error = #expect(throws: TraceError.self) { try Trace(method, on: given) }
    #expect(error?.description.contains("the learning rate at step 2 of 3 is 1") == true)
  }

  @Test(arguments: ["{name: one-cycle, pct_start: 0.1}", "{name: one-cycle, pct_start: 0}"])
  func aCycleWithoutARiseTrains(schedule: String) throws {
    let store = MemoryStore()
    _ = try ExperimentRunner(plan: plan(text(schedule)), jobs: 1).run(
      into: store, report: { _ in }, isCancelled: { false })
    #expect(store.published.count == 6)
    #expect(store.published.allSatisfy { $0.outcome != .nonfinite })
  }

  @Test func dataWithoutALossAreRefusedAndNotBookedOnAMethod() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("enormous-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let rows = (0..<40).map { "\($0 % 2 == 0 ? "3e38" : "-3e38"),\($0),\($0 * 3 % 7)" }
    try ("a,b,target\n" + rows.joined(separator: "\n") + "\n").write(
      to: folder.appendingPathComponent("data.csv"), atomically: true, encoding: .utf8)
    let problem = """
      {name: enormous, dataset: {name: csv, path: \(folder.path)/data.csv, label: a, task: values}, \
      model: {name: mlp, hidden: [4]}, loss: mean-squared-error, batch_size: 8}
      """
    let plan = try ExperimentPlan(
      ExperimentSpec(text("constant", problem: problem), file: "e.yml"), baseDirectory: folder.path)
    let store = MemoryStore()
    let error = #expect(throws: PlanError.self) {
      try ExperimentRunner(plan: plan, jobs: 1).run(
        into: store, report: { _ in }, isCancelled: { false })
    }
    #expect(error?.description.contains("problem 'enormous' has the loss") == true)
    #expect(store.kept == 0)
  }
}
