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

  private let objective: any Objective
  private var batchOrder: any BatchOrder
  private(set) var buffers: NamedArrays
  private var optimizerState: NamedArrays
  private var clippingState: [NamedArrays]

  let parameters: FloatBuffer
  private var gradient: FloatBuffer
  private var previousGradient: FloatBuffer
  private let clippedGradient: FloatBuffer
  private let update: FloatBuffer

  private var squares: StepTensorSquares
  private var previousNorm = Double.nan
  private(set) var recorder: StepRecorder
  private(set) var gradientEvaluations: Int64 = 0
  private(set) var nonfiniteGradients = 0
  private(set) var firstNonfiniteGradientStep = -1
  private(set) var lastGradientNorm = Double.infinity

  init(problem: any TestProblem, method: Method, plan: TrainingPlan, seed: UInt64) {
    self.method = method
    self.plan = plan
    self.seed = seed
    layout = problem.layout
    offsets = layout.tensors.map(\.offset)
    counts = layout.tensors.map(\.count)
    objective = problem.makeObjective(seed: seed)
    batchOrder = problem.makeBatchOrder(seed: seed)
    buffers = problem.makeBuffers()
    optimizerState = method.optimizer.makeState(for: layout)
    clippingState = method.clipping.makeState(for: layout)
    parameters = FloatBuffer(problem.initialParameters(seed: seed))
    gradient = FloatBuffer(count: layout.count)
    previousGradient = FloatBuffer(count: layout.count)
    clippedGradient = FloatBuffer(count: layout.count)
    update = FloatBuffer(count: layout.count)
    squares = StepTensorSquares(tensors: layout.tensors.count)
    recorder = StepRecorder(plan: plan, layout: layout)
  }

  /// Does step number `step` and says whether the run failed at it.
  mutating func advance(_ step: Int, judge: OutcomeJudge) -> OutcomeJudge.Failure? {
    var measured = StepMeasurements()
    measured.learningRate = method.schedule.learningRate(
      base: method.baseLearningRate, step: step, totalSteps: plan.steps)
    measured.loss = objective.loss(
      at: parameters.pointer, batch: batchOrder.next(), buffers: &buffers, updateStatistics: true,
      gradient: gradient.pointer)
    gradientEvaluations += 1
    measureGradient(step, into: &measured)

    let context = ClippingContext(
      step: step, learningRate: measured.learningRate, parameters: parameters.pointer, seed: seed)
    let isSkipped = propose(context, into: &measured)
    apply(context, isSkipped: isSkipped, into: &measured)

    recorder.record(tensorSquares: squares)
    recorder.record(measured)
    swap(&gradient, &previousGradient)
    return judge.failure(of: measured, update: update, parameters: parameters, layout: layout)
  }

  /// The current parameters' results on all splits; changes nothing that a later step can see.
  func evaluate() -> [EvaluationResult?] {
    DataSplit.allCases.map {
      objective.evaluate(at: parameters.pointer, on: $0, buffers: buffers)
    }
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
    lastGradientNorm = norm
    if !norm.isFinite {
      nonfiniteGradients += 1
      if firstNonfiniteGradientStep < 0 { firstNonfiniteGradientStep = step }
    }
  }

  /// Clips the gradient and writes the update; returns whether the step is to be skipped.
  private mutating func propose(
    _ context: ClippingContext, into measured: inout StepMeasurements
  ) -> Bool {
    var vector = ClippedVector(
      layout: layout, values: gradient.pointer, working: clippedGradient.pointer,
      knownNorm: measured.gradientNorm)
    let onGradient = method.clipping.apply(
      stage: .gradient, to: &vector, context: context, state: &clippingState)
    measured.clipFired = onGradient.fired
    measured.clippedGradientNorm = vector.norm()
    measured.clipCoefficient =
      !onGradient.fired || measured.gradientNorm == 0
      ? 1 : measured.clippedGradientNorm / measured.gradientNorm
    if onGradient.skip { return true }

    method.optimizer.proposeUpdate(
      for: OptimizerStep(
        layout: layout, step: context.step, learningRate: context.learningRate,
        parameters: parameters.pointer, gradient: vector.values, update: update.pointer),
      state: &optimizerState)

    var proposed = ClippedVector(layout: layout, values: update.pointer, working: update.pointer)
    let onUpdate = method.clipping.apply(
      stage: .update, to: &proposed, context: context, state: &clippingState)
    measured.clipFired = measured.clipFired || onUpdate.fired
    return onUpdate.skip
  }

  /// Applies the update, or nothing, and measures update and parameters by tensor.
  private mutating func apply(
    _ context: ClippingContext, isSkipped: Bool, into measured: inout StepMeasurements
  ) {
    if isSkipped { update.fill(0) }
    var updateSquares = 0.0
    var parameterSquares = 0.0
    for tensor in 0..<offsets.count {
      let offset = offsets[tensor]
      let sums = Vector.apply(
        update: update.pointer + offset, to: parameters.pointer + offset, count: counts[tensor])
      squares.update[tensor] = sums.updateSquares
      squares.parameters[tensor] = sums.parameterSquares
      updateSquares += sums.updateSquares
      parameterSquares += sums.parameterSquares
    }
    measured.updateNorm = updateSquares.squareRoot()

    var projected = ClippedVector(
      layout: layout, values: parameters.pointer, working: parameters.pointer,
      knownNorm: parameterSquares.squareRoot())
    let onParameters = method.clipping.apply(
      stage: .parameters, to: &projected, context: context, state: &clippingState)
    measured.clipFired = measured.clipFired || onParameters.fired
    measured.parameterNorm = projected.norm()
  }
}
