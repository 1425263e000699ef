import Experiments
import Optimizers
import Problems
import Records
import Settings
import Tensors
import Testing

/// u = −η∇f(θ − η∇f(θ)): gradient descent that looks one step ahead (Korpelevich, 1976).
private struct Extragradient: AskingOptimizer {
  var demand: GradientDemand { GradientDemand(evaluations: 2...2, isElsewhere: true) }

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("ahead", layout.count), ("gradient", layout.count)], numbers: [("updates", 0)])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    state.numbers[0] += 1
    let rate = Float(step.learningRate)
    for index in 0..<step.count {
      state[0][index] = step.parameters[index] - rate * step.gradient[index]
    }
    _ = source.loss(at: state[0], gradient: state[1])
    for index in 0..<step.count { step.update[index] = -rate * state[1][index] }
  }
}

/// Gradient descent that is evaluated at twice its parameters.
private struct Doubled: Optimizer {
  func makeState(for layout: ParameterLayout) -> NamedArrays { .empty }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    for index in 0..<step.count {
      step.update[index] = -Float(step.learningRate) * step.gradient[index]
    }
  }

  func evaluationParameters(
    for parameters: UnsafePointer<Float>, layout: ParameterLayout, state: NamedArrays,
    scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    for index in 0..<layout.count { scratch[index] = 2 * parameters[index] }
    return UnsafePointer(scratch)
  }
}

/// u = −η·t at the t-th update, whatever the gradient.
private struct Counting: Optimizer {
  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(arrays: [("sum", layout.count)], numbers: [("updates", 0)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    state.numbers[0] += 1
    for index in 0..<step.count {
      state[0][index] += Float(step.learningRate)
      step.update[index] = -state[0][index]
    }
  }
}

/// `Counting`, which asks for a second gradient and does not use it.
private struct AskingCounting: AskingOptimizer {
  var demand: GradientDemand { GradientDemand(evaluations: 2...2, isElsewhere: true) }

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("sum", layout.count), ("gradient", layout.count)], numbers: [("updates", 0)])
  }

  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    _ = source.loss(at: step.parameters, gradient: state[1])
    Counting().proposeUpdate(for: step, state: &state)
  }
}

/// Refuses the given steps.
private struct Refusal: StepTransform {
  let steps: [Int]
  let stage: ClippingStage
  let maySkip = true

  var allowedStages: [ClippingStage] { [stage] }

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let isRefused = steps.contains(context.step)
    return ClippingTelemetry(fired: isRefused, skip: isRefused)
  }
}

/// Refuses the gradient with this number, those that an optimizer asks for included.
private struct RefusalOfGradient: StepTransform {
  let number: Double
  let allowedStages = [ClippingStage.gradient]
  let maySkip = true

  func makeState(for layout: ParameterLayout) -> NamedArrays { NamedArrays(numbers: [("seen", 0)]) }

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    state.numbers[0] += 1
    let isRefused = state.numbers[0] == number
    return ClippingTelemetry(fired: isRefused, skip: isRefused)
  }
}

/// Halves every gradient that it sees.
private struct Halving: StepTransform {
  let allowedStages = [ClippingStage.gradient]

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    vector.scale(by: 0.5)
    return ClippingTelemetry(fired: true)
  }
}

private func train(
  _ optimizer: any Optimizer, clipping: [any StepTransform] = [],
  schedule: String = "constant", learningRate: Double = 0.25, plan: TrainingPlan
) throws -> RunRecord {
  let schedules = try Setting.parse(schedule, file: "test")
  let record = RunRecord(
    key: RunKey(problem: "quadratic", run: "run"), optimizer: "test", clipping: "test", trial: 0,
    seed: 0, baseLearningRate: learningRate, isDefaultLearningRate: false, hyperparameters: [],
    config: "{}")
  return try #require(
    Trainer(problem: QuadraticProblem(), plan: plan).train(
      record,
      with: Method(
        optimizer: optimizer,
        clipping: ClippingStrategy(label: "test", choices: [], transforms: clipping),
        schedule: try scheduleCatalog.make(scheduleCatalog.choice(at: schedules), at: schedules),
        baseLearningRate: learningRate), isCancelled: { false }))
}

@Suite struct GradientSourceTests {
  @Test func anOptimizerMayAskForTheGradientElsewhere() throws {
    let run = try train(Extragradient(), plan: TrainingPlan(steps: 10, evaluateEvery: 5))
    #expect(run.outcome == .completed)
    #expect(run.trajectory.steps == 10)
    // θ ← θ − η(θ − ηθ) = 0.8125 θ.
    #expect(abs(run.trajectory[.parameterNorm][1] - 0.8125 * 0.8125) < 1e-6)
    #expect(run.evaluations.steps == [0, 5, 10])
    #expect(run.evaluations.gradientEvaluations == [0, 10, 20])
    #expect(run.gradientEvaluations == 20)
  }

  @Test(arguments: [(20, 10), (21, 10), (2, 1), (1, 0), (1000, 12)])
  func aBudgetOfGradientEvaluationsEndsTheRun(_ budget: Int, _ steps: Int) throws {
    let plan = TrainingPlan(steps: 12, evaluateEvery: 5, gradientEvaluations: budget)
    let run = try train(Extragradient(), plan: plan)
    #expect(run.trajectory.steps == steps)
    #expect(run.outcome == .completed)
    #expect(run.evaluations.steps.last == Int32(steps))
    #expect(run.gradientEvaluations == Int64(2 * steps))
  }

  @Test func aClipSeesEveryGradientThatIsAskedFor() throws {
    let run = try train(
      Extragradient(), clipping: [Halving()], plan: TrainingPlan(steps: 1, evaluateEvery: 1))
    // θ − η·½(θ − η·½θ) = 1 − 0.125·0.875.
    #expect(run.trajectory[.parameterNorm][0] == 1 - 0.125 * 0.875)
    #expect(run.trajectory.clipFired == [1])
  }

  @Test(arguments: [ClippingStage.gradient, .update])
  func aRefusedStepLeavesTheOptimizerAsItWas(_ stage: ClippingStage) throws {
    let run = try train(
      Counting(), clipping: [Refusal(steps: [1, 2], stage: stage)], learningRate: 0.125,
      plan: TrainingPlan(steps: 5, evaluateEvery: 5))
    #expect(run.trajectory[.updateNorm] == [0.125, 0, 0, 0.25, 0.375])
    #expect(run.trajectory.clipFired == [0, 1, 1, 0, 0])
  }

  @Test func aRefusalOfAGradientThatWasAskedForRefusesTheStep() throws {
    // The fourth gradient is the second of the second step.
    let run = try train(
      AskingCounting(), clipping: [RefusalOfGradient(number: 4)], learningRate: 0.125,
      plan: TrainingPlan(steps: 4, evaluateEvery: 4))
    #expect(run.trajectory[.updateNorm] == [0.125, 0, 0.25, 0.375])
    #expect(run.trajectory.clipFired == [0, 1, 0, 0])
  }

  @Test func aMethodIsEvaluatedWhereItWantsToBe() throws {
    let run = try train(
      Doubled(), learningRate: 0.5, plan: TrainingPlan(steps: 2, evaluateEvery: 1))
    #expect(run.trajectory[.parameterNorm] == [0.5, 0.25])
    #expect(run.trajectory[.loss] == [0.5, 0.125])
    #expect(run.evaluations[.trainLoss] == [2, 0.5, 0.125])
  }
}
