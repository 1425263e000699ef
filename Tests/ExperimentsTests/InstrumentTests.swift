import Experiments
import Records
import Testing

/// What an experiment asks for under `record:`.
@Suite struct InstrumentTests {
  private func run(
    _ optimizer: String, clipping: String = "none", record: String, start: [Float] = [3, 4],
    learningRate: Double = 0.01, steps: Int = 3
  ) throws -> RunRecord {
    let text = """
      optbench: 1
      name: i
      problems: [rosenbrock-2d]
      optimizers: [\(optimizer)]
      clipping: [\(clipping)]
      learning_rate: \(learningRate)
      seeds: 1
      budget: {steps: \(steps)}
      record: \(record)
      """
    let plan = try ExperimentPlan(ExperimentSpec(text, file: "i.yml"), baseDirectory: ".")
    let planned = try #require(plan.runs.first)
    let problem = QuadraticProblem(curvatures: start.map { _ in 1 }, start: start)
    return try #require(
      Trainer(problem: problem, plan: plan.trainingPlans[0]).train(
        plan.record(for: planned), with: plan.method(for: planned), isCancelled: { false }))
  }

  private func values(_ recording: Recording?, _ name: String) throws -> [Float] {
    guard case .float32(let values)? = try #require(recording)[name] else { return [] }
    return values
  }

  @Test func theNormsOfTheOptimizersMemory() throws {
    let run = try run("adam", record: "{optimizer_state: true}")
    let tensors = try #require(run.tensors)
    #expect(tensors.series.map(\.quantity.name) == ["state_exp_avg_norm", "state_exp_avg_sq_norm"])
    #expect(tensors.steps == [0, 1, 2])
    // m ← 0.1 g and v ← 0.001 g² at the first step, with ‖g‖ = 5.
    let means = try values(tensors, "state_exp_avg_norm")
    let roots = try values(tensors, "state_exp_avg_sq_norm")
    #expect(abs(means[0] - 0.5) < 1e-6)
    #expect(abs(roots[0] - 5 * Float(0.001).squareRoot()) < 1e-6)
    // Then m ← 0.9·0.5 + 0.1·‖g‖ for gradients that keep their direction, nearly.
    let second = run.trajectory[.gradientNorm][1]
    #expect(abs(means[1] - (0.45 + 0.1 * second)) < 1e-4)
  }

  @Test func whatIsNotAskedForOrNotThereIsAbsent() throws {
    #expect(try run("adam", record: "{}").tensors == nil)
    // Plain gradient descent remembers nothing.
    #expect(try run("sgd", record: "{optimizer_state: true}").tensors == nil)
    let both = try run("momentum", record: "{optimizer_state: true, per_tensor: true}")
    #expect(
      both.tensors?.series.map(\.quantity.name) == [
        "gradient_norm", "update_norm", "parameter_norm", "state_momentum_buffer_norm",
      ])
  }

  @Test func aFailedRunHasThemInItsFlightRecorder() throws {
    let run = try run(
      "momentum", record: "{optimizer_state: true}", learningRate: 30, steps: 200)
    #expect(run.outcome == .exploded)
    let flight = try #require(run.flight)
    let norms = try values(flight, "state_momentum_buffer_norm")
    #expect(norms.count == flight.steps.count)
    #expect(
      norms == Array(try values(run.tensors, "state_momentum_buffer_norm").suffix(norms.count)))
  }

  @Test func eachTransformOfAStrategy() throws {
    let run = try run(
      "sgd",
      clipping: "[{name: value, max_value: 3}, {name: global-norm, max_norm: 10}, "
        + "{name: skip-large, max_norm: 4}, {name: global-norm, max_norm: 1}]",
      record: "{clipping_transforms: true}", steps: 1)
    func first(_ name: String) throws -> Float {
      try #require(run.trajectory.further.first { $0.quantity.name == name }).values[0]
    }
    // (3, 4) → (3, 3), which passes the second and is refused by the third.
    #expect(try first("transform_1_fired") == 1 && first("transform_1_norm_before") == 5)
    #expect(abs(try first("transform_1_norm_after") - Float(18).squareRoot()) < 1e-6)
    #expect(try first("transform_2_fired") == 0)
    #expect(try first("transform_2_norm_after") == first("transform_1_norm_after"))
    #expect(try first("transform_3_skipped") == 1)
    #expect(try first("transform_4_fired").isNaN && first("transform_4_norm_before").isNaN)
    #expect(run.trajectory[Quantity.clipSkipped] == [1])
    let single = try self.run(
      "sgd", clipping: "{name: value, max_value: 3}", record: "{clipping_transforms: true}")
    #expect(single.trajectory.further.map(\.quantity) == [.clipSkipped])
  }

  @Test func watchingChangesNothing() throws {
    let clipping = "[{name: value, max_value: 3}, {name: global-norm, max_norm: 1}]"
    let plain = try run("adam", clipping: clipping, record: "{}", steps: 30)
    var watched = try run(
      "adam", clipping: clipping, record: "{clipping_transforms: true, optimizer_state: true}",
      steps: 30)
    watched.trajectory.further = plain.trajectory.further
    #expect(watched.trajectory == plain.trajectory)
  }
}
