internal import Analysis
internal import Optimizers
internal import Problems
internal import Records
internal import Tensors

/// One run in progress: everything that changes from step to step, owned by one thread.
///
/// A step reads the gradient once to measure it, clips it, lets the optimizer propose an update,
/// applies the update in a pass that measures it too, and records what it saw. It allocates nothing
/// and takes no lock.
struct TrainingRun {
  private let method: Method
  private let plan: TrainingPlan
  private let layout: ParameterLayout
  private let seed: UInt64
  private let offsets: [Int]
  private let counts: [Int]
  private let isRecorded: Bool

  private var batchOrder: any BatchOrder
  private var gradients: BatchGradients
  private var scheduleState: NamedArrays
  private var optimizerState: NamedArrays
  /// Leave for the optimizer to apply its update while it writes it, where nobody looks in between.
  private let application: UpdateApplication?
  /// The optimizer's memory before the step, where a clip may refuse what the optimizer proposes.
  private var stateBefore: NamedArrays?

  let parameters: FloatBuffer
  private var gradient: FloatBuffer
  private var previousGradient: FloatBuffer
  private let clippedGradient: FloatBuffer
  private let update: FloatBuffer

  private var squares: StepTensorSquares
  private var previousNorm = Double.nan
  private(set) var recorder: StepRecorder
  private(set) var nonfiniteGradients = 0
  private(set) var firstNonfiniteGradientStep = -1
  /// What the last step measured.
  private(set) var last = StepMeasurements()
  /// The last step's gradient after clipping; to be read of a traced run only, since others may leave
  /// a factor to the optimizer.
  private(set) var lastClippedGradient: UnsafePointer<Float>

  /// The last step's gradient before clipping.
  var lastGradient: UnsafePointer<Float> { UnsafePointer(previousGradient.pointer) }

  /// Why the objective gives no numbers any more, which ends the run; nil while all is well.
  var objectiveFailure: ObjectiveFailure? { gradients.failure }

  /// How the run began, where only the objective knows.
  let objectiveStart: ObjectiveStart?

  /// Seconds that the run has waited for another program.
  var waitedSeconds: Double { gradients.waitedSeconds }

  /// Gradient evaluations so far.
  var gradientEvaluations: Int64 { gradients.count }

  /// - Parameters:
  ///   - session: Where the objective comes from; nil for a session of the run's own.
  ///   - start: Parameters to start from in place of the seed's.
  ///   - isTraced: Whether somebody will look at each step's clipped gradient. The numbers are the
  ///     same.
  ///   - isRecorded: Whether steps are measured and recorded; without it a step takes no pass over
  ///     memory that gradient, clip and optimizer can do without, and no failure is seen.
  init(
    problem: any TestProblem, method: Method, plan: TrainingPlan, seed: UInt64,
    session: (any ProblemSession)? = nil, start: [Float]? = nil, isTraced: Bool = false,
    isRecorded: Bool = true
  ) throws(ObjectiveFailure) {
    let session = if let session { session } else { try problem.openSession() }
    self.method = method
    self.plan = plan
    self.seed = seed
    self.isRecorded = isRecorded
    layout = problem.layout
    offsets = layout.tensors.map(\.offset)
    counts = layout.tensors.map(\.count)
    let objective = session.makeObjective(seed: seed)
    if let failure = objective.failure { throw failure }
    objectiveStart = objective.start
    parameters = FloatBuffer(
      start ?? objectiveStart?.parameters ?? problem.initialParameters(seed: seed))
    gradient = FloatBuffer(count: layout.count)
    batchOrder = problem.makeBatchOrder(seed: seed)
    gradients = BatchGradients(
      objective: objective, layout: layout,
      buffers: problem.makeBuffers(), clipping: method.clipping,
      context: ClippingContext(
        step: 0, learningRate: method.baseLearningRate, parameters: parameters.pointer,
        gradient: gradient.pointer, seed: seed),
      measuresTransforms: plan.instruments.contains(InstrumentEntry.clippingTransforms.name))
    scheduleState = method.schedule.makeState()
    optimizerState = method.optimizer.makeState(for: layout)
    let mayRefuse =
      method.clipping.maySkip(on: .update) || method.clipping.maySkip(on: .momentum)
      || (method.optimizer.demand != .none && method.clipping.maySkip(on: .gradient))
    stateBefore = mayRefuse ? optimizerState.copy() : nil
    application =
      method.optimizer is any DirectOptimizer && !method.clipping.acts(on: .update)
        && !method.clipping.acts(on: .momentum) && !isTraced
      ? UpdateApplication(
        layout: layout, parameters: parameters.pointer, measures: isRecorded) : nil
    previousGradient = FloatBuffer(count: layout.count)
    clippedGradient = FloatBuffer(count: layout.count)
    lastClippedGradient = UnsafePointer(clippedGradient.pointer)
    update = FloatBuffer(count: layout.count)
    squares = StepTensorSquares(tensors: layout.tensors.count)
    recorder = StepRecorder(
      plan: plan, layout: layout,
      instruments: Instruments.make(for: method, layout: layout, named: plan.instruments))
  }

  /// What the steps after `step` of them depend on, where it lies.
  func state(after step: Int) -> RunState {
    let memory = gradients.memory
    return RunState(
      step: step, parameters: parameters, parameterNorm: last.parameterNorm,
      previousGradient: previousGradient, previousNorm: previousNorm, optimizer: optimizerState,
      schedule: scheduleState, clipping: memory.clipping, buffers: memory.buffers,
      gradientEvaluations: gradients.count, nonfiniteGradients: nonfiniteGradients,
      firstNonfiniteGradientStep: firstNonfiniteGradientStep)
  }

  /// Goes on from `state`, of a run of the same problem, method and seed, which has recorded what `record`
  /// holds.
  mutating func resume(from state: RunState, recorded record: RunRecord? = nil) {
    parameters.copy(from: state.parameters.values)
    previousGradient.copy(from: state.previousGradient.values)
    previousNorm = state.previousNorm
    last.parameterNorm = state.parameterNorm
    optimizerState.assign(state.optimizer)
    scheduleState.assign(state.schedule)
    gradients.resume(
      clipping: state.clipping, buffers: state.buffers, count: state.gradientEvaluations)
    nonfiniteGradients = state.nonfiniteGradients
    firstNonfiniteGradientStep = state.firstNonfiniteGradientStep
    batchOrder.skip(to: state.step)
    if let record { recorder.resume(from: record) }
  }

  /// Does step number `step` and says whether the run failed at it. Where the objective fails, the step
  /// is left undone.
  mutating func advance(_ step: Int, judge: OutcomeJudge) -> OutcomeJudge.Failure? {
    var measured = StepMeasurements()
    // Under a budget of gradient evaluations the schedule runs over those, so that a method that
    // spends two a step is annealed as far as others are.
    let progress = plan.gradientEvaluations == nil ? step : Int(gradientEvaluations)
    measured.learningRate = method.schedule.learningRate(
      base: method.baseLearningRate, step: progress, totalSteps: plan.steps, state: scheduleState)
    measured.loss = gradients.begin(
      batchOrder.next(),
      context: ClippingContext(
        step: step, learningRate: measured.learningRate, parameters: parameters.pointer,
        gradient: gradient.pointer, seed: seed), gradient: gradient.pointer)
    guard objectiveFailure == nil else { return nil }
    if isRecorded { measureGradient(step, into: &measured) }

    propose(step, into: &measured)
    guard objectiveFailure == nil else { return nil }
    apply(into: &measured)

    guard isRecorded else { return nil }
    if recorder.isWatched {
      recorder.record(
        StepView(
          layout: layout, measured: measured, gradient: UnsafePointer(gradient.pointer),
          parameters: UnsafePointer(parameters.pointer), optimizerState: optimizerState,
          transforms: gradients.transforms))
    }
    recorder.record(tensorSquares: squares)
    recorder.record(measured)
    last = measured
    swap(&gradient, &previousGradient)
    return judge.failure(
      of: measured, squares: squares, parameters: parameters, layout: layout)
  }

  /// The results on some splits where the method wants to be evaluated, nil for the others; changes
  /// nothing that a later step can see.
  func evaluate(on splits: [DataSplit]) -> [EvaluationResult?] {
    // Before the first step every method of a seed is the same model.
    gradients.evaluate(
      at: evaluationParameters, on: splits,
      estimatesStatistics: method.optimizer.evaluatesElsewhere && gradients.count > 0)
  }

  /// Shows the schedule a loss that the method has come to.
  mutating func observe(loss: Double) {
    if method.schedule.observesLoss {
      method.schedule.observe(loss: loss, state: &scheduleState)
    }
  }

  /// The parameters at which the method is evaluated, valid until the next step.
  var evaluationParameters: UnsafePointer<Float> {
    // Between two steps nobody reads the update.
    method.optimizer.evaluationParameters(
      for: parameters.pointer, layout: layout, state: optimizerState, scratch: update.pointer)
  }

  /// Norm of the gradient and its angle to the previous one, in one pass by tensor.
  private mutating func measureGradient(_ step: Int, into measured: inout StepMeasurements) {
    var total = 0.0
    var dot = 0.0
    for tensor in 0..<offsets.count {
      let offset = offsets[tensor]
      let sums = Vector.sumOfSquaresAndDot(
        gradient.pointer + offset, previousGradient.pointer + offset, count: counts[tensor])
      squares.gradient[tensor] = sums.squares
      total += sums.squares
      dot += sums.dot
    }
    let norm = total.squareRoot()
    measured.gradientNorm = norm
    // Without a direction before or now there is no angle.
    measured.gradientCosine = norm * previousNorm == 0 ? .nan : dot / (norm * previousNorm)
    previousNorm = norm
    // As it is stored: the norm of numbers near the end of their range may be beyond it.
    if !Float(norm).isFinite {
      nonfiniteGradients += 1
      if firstNonfiniteGradientStep < 0 { firstNonfiniteGradientStep = step }
    }
  }

  /// Clips the gradient and writes the update: zero where the step is to be skipped.
  private mutating func propose(_ step: Int, into measured: inout StepMeasurements) {
    var vector = StepVector(
      layout: layout, values: gradient.pointer, working: clippedGradient.pointer,
      knownNorm: isRecorded ? measured.gradientNorm : nil,
      // Who works on the parameters is told the gradient as the optimizer has it.
      defersScaling: application != nil && !method.clipping.acts(on: .parameters))
    let onGradient = gradients.clip(&vector, stage: .gradient)
    measured.clipFired = onGradient.fired
    if isRecorded {
      measured.clippedGradientNorm = vector.norm()
      measured.clipCoefficient =
        !onGradient.fired || measured.gradientNorm == 0
        ? 1 : measured.clippedGradientNorm / measured.gradientNorm
    }
    application?.begin(gradientFactor: vector.pendingFactor)
    lastClippedGradient = vector.unscaledValues
    if onGradient.skip { return skip(&measured) }
    gradients.hand(over: vector.unscaledValues)

    stateBefore?.assign(optimizerState)
    method.optimizer.proposeUpdate(
      for: OptimizerStep(
        layout: layout, step: step, learningRate: measured.learningRate, loss: measured.loss,
        parameters: parameters.pointer,
        parameterNorm: !isRecorded ? 0 : last.parameterNorm > 0 ? last.parameterNorm : .nan,
        gradient: vector.unscaledValues,
        // A run that measures nothing takes nothing for large.
        gradientNorm: isRecorded ? measured.clippedGradientNorm : 0, update: update.pointer,
        application: application),
      state: &optimizerState, asking: &gradients)
    precondition(
      application?.isDone != false, "a DirectOptimizer writes its update by writeUpdate")
    measured.askedGradientsClipped = gradients.askedClipped
    measured.clipFired = measured.clipFired || gradients.hasChangedMomentum

    var isRefused = gradients.refusesAsked
    if !isRefused {
      var proposed = StepVector(layout: layout, values: update.pointer, working: update.pointer)
      let onUpdate = gradients.clip(&proposed, stage: .update)
      measured.clipFired = measured.clipFired || onUpdate.fired
      isRefused = onUpdate.skip
    }
    if isRefused {
      if let stateBefore { optimizerState.assign(stateBefore) }
      skip(&measured)
    }
  }

  /// Moves nothing at this step, which counts nevertheless.
  private func skip(_ measured: inout StepMeasurements) {
    measured.isSkipped = true
    measured.clipFired = true
    update.fill(0)
  }

  /// Applies the update, if the optimizer has not, and measures update and parameters by tensor.
  private mutating func apply(into measured: inout StepMeasurements) {
    let applied = application?.isDone == true ? application?.sums : nil
    var updateSquares = 0.0
    var parameterSquares = 0.0
    for tensor in 0..<offsets.count {
      let offset = offsets[tensor]
      let sums =
        applied?[tensor]
        ?? Vector.apply(
          update: update.pointer + offset, to: parameters.pointer + offset, count: counts[tensor])
      squares.update[tensor] = sums.updateSquares
      squares.parameters[tensor] = sums.parameterSquares
      updateSquares += sums.updateSquares
      parameterSquares += sums.parameterSquares
    }
    measured.updateNorm = updateSquares.squareRoot()

    var projected = StepVector(
      layout: layout, values: parameters.pointer, working: parameters.pointer,
      knownNorm: isRecorded ? parameterSquares.squareRoot() : nil)
    let onParameters = gradients.clip(&projected, stage: .parameters)
    measured.clipFired = measured.clipFired || onParameters.fired
    if isRecorded { measured.parameterNorm = projected.norm() }
  }
}
