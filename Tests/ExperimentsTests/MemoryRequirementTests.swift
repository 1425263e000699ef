import Experiments
import Testing

@Suite struct MemoryRequirementTests {
  private func plan(steps: Int, perTensor: Bool = false) throws -> ExperimentPlan {
    let text = """
      optbench: 1
      name: m
      problems: [rosenbrock-2d]
      optimizers: [sgd]
      learning_rate: 0.001
      seeds: 4
      budget: {steps: \(steps)}
      record: {per_tensor: \(perTensor)}
      """
    return try ExperimentPlan(ExperimentSpec(text, file: "m.yml"), baseDirectory: ".")
  }

  @Test func runsThatTheMemoryHoldsPass() throws {
    // 2 parameters × 20 bytes, 1000 steps × 33 bytes.
    try plan(steps: 1000).requireMemory(jobs: 1, available: 33_040)
    try plan(steps: 1000).requireMemory(jobs: 4, available: 4 * 33_040)
  }

  @Test func moreJobsOrMoreRecordedThanTheMemoryHoldsAreRefused() throws {
    let plain = try plan(steps: 1000)
    #expect(throws: PlanError.self) { try plain.requireMemory(jobs: 1, available: 33_039) }
    #expect(throws: PlanError.self) { try plain.requireMemory(jobs: 4, available: 3 * 33_040) }
    // Three norms in double precision of the only tensor.
    let detailed = try plan(steps: 1000, perTensor: true)
    try detailed.requireMemory(jobs: 1, available: 33_040 + 24_000)
    #expect(throws: PlanError.self) {
      try detailed.requireMemory(jobs: 1, available: 33_040 + 23_999)
    }
  }

  @Test func theMessageSaysWhatNeedsTheMemoryAndWhatToDo() throws {
    let long = try plan(steps: 2_147_483_647)
    let error = #expect(throws: PlanError.self) {
      try long.requireMemory(jobs: 2, available: 24e9)
    }
    #expect(
      error?.description
        == "problem 'rosenbrock-2d': a run needs at least 70.87 GB of memory (model 0.00 GB, record "
        + "70.87 GB), with 2 at a time 141.73 GB, but this machine has 24.00 GB; use fewer --jobs, a "
        + "smaller model or a smaller budget.steps")
  }
}
