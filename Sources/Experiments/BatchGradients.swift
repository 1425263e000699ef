internal import Optimizers
internal import Problems
internal import Tensors

/// The gradients of one run, batch by batch: the one that each step begins with, and those that the
/// optimizer asks for on the same batch.
///
/// It owns what a gradient touches: the objective, the model's buffers, the clipping strategy's
/// memory, and the count of gradient evaluations, the fair clock.
struct BatchGradients: GradientSource {
  private let objective: any Objective
  private let layout: ParameterLayout
  private let clipping: ClippingStrategy
  private var batch = Batch(step: 0, indices: UnsafeBufferPointer(start: nil, count: 0))
  private var context: ClippingContext
  private(set) var buffers: NamedArrays
  private var clippingState: [NamedArrays]
  /// What each transform did at this step; empty where nobody wants to know.
  private(set) var transforms: [TransformMeasurement]
  /// Gradient evaluations since the run began.
  private(set) var count: Int64 = 0
  /// How many of the gradients that this step asked for the clipping strategy changed. They are
  /// counted apart: norms and coefficient of a step are those of the gradient that it began with.
  private(set) var askedClipped = 0
  /// Whether it refused one of them, or the momentum.
  private(set) var refusesAsked = false
  /// Whether it changed the momentum of this step.
  private(set) var hasChangedMomentum = false

  init(
    objective: any Objective, layout: ParameterLayout, buffers: NamedArrays,
    clipping: ClippingStrategy, context: ClippingContext, measuresTransforms: Bool
  ) {
    self.objective = objective
    self.layout = layout
    self.buffers = buffers
    self.clipping = clipping.resolved(for: layout)
    self.context = context
    clippingState = self.clipping.makeState(for: layout)
    transforms = measuresTransforms ? clipping.transforms.map { _ in TransformMeasurement() } : []
  }

  /// Why the objective gives no numbers any more; nil while all is well.
  var failure: ObjectiveFailure? { objective.failure }
  /// Seconds that the objective has waited for another program.
  var waitedSeconds: Double { objective.waitedSeconds }

  /// The loss and the gradient with which a step begins; the only ones that move the buffers.
  mutating func begin(
    _ batch: Batch, context: ClippingContext, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    self.batch = batch
    self.context = context
    askedClipped = 0
    refusesAsked = false
    hasChangedMomentum = false
    for index in transforms.indices { transforms[index] = TransformMeasurement() }
    count += 1
    return objective.loss(
      at: context.parameters, batch: batch, buffers: &buffers, updateStatistics: true,
      gradient: gradient)
  }

  /// The memory that later gradients depend on, where it lies.
  var memory: (clipping: [NamedArrays], buffers: NamedArrays) { (clippingState, buffers) }

  /// Goes on from `memory` after `count` gradient evaluations.
  mutating func resume(clipping: [NamedArrays], buffers: NamedArrays, count: Int64) {
    for index in clippingState.indices { clippingState[index].assign(clipping[index]) }
    self.buffers.assign(buffers)
    self.count = count
  }

  /// Says which gradient the optimizer is given, for the transforms of later places.
  mutating func hand(over gradient: UnsafePointer<Float>) {
    context = context.with(gradient: gradient)
  }

  /// Lets the clipping strategy work on `stage` of the current step.
  mutating func clip(_ vector: inout StepVector, stage: ClippingStage) -> ClippingTelemetry {
    clipping.apply(
      stage: stage, to: &vector, context: context, state: &clippingState, measuring: &transforms)
  }

  mutating func loss(
    at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    count += 1
    let loss = objective.loss(
      at: parameters, batch: batch, buffers: &buffers, updateStatistics: false, gradient: gradient)
    clipAsked(gradient)
    return loss
  }

  mutating func sampleLabels(
    at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Int {
    count += 1
    let labels = objective.sampledLabelGradient(
      at: parameters, batch: batch, buffers: buffers, gradient: gradient)
    clipAsked(gradient)
    return labels
  }

  var transformsMomentum: Bool { clipping.acts(on: .momentum) }

  mutating func transform(momentum: UnsafeMutablePointer<Float>) {
    var vector = StepVector(layout: layout, values: momentum, working: momentum)
    let telemetry = clip(&vector, stage: .momentum)
    hasChangedMomentum = hasChangedMomentum || telemetry.fired
    refusesAsked = refusesAsked || telemetry.skip
  }

  private mutating func clipAsked(_ gradient: UnsafeMutablePointer<Float>) {
    var vector = StepVector(layout: layout, values: gradient, working: gradient)
    let telemetry = clipping.apply(
      stage: .gradient, to: &vector, context: context, state: &clippingState)
    if telemetry.fired && !telemetry.skip { askedClipped += 1 }
    refusesAsked = refusesAsked || telemetry.skip
  }

  /// The results at `parameters` on some splits, nil for the others; changes nothing that a later step
  /// can see.
  ///
  /// - Parameter estimatesStatistics: Whether the model's buffers belong to other parameters and are
  ///   to be estimated for these.
  func evaluate(
    at parameters: UnsafePointer<Float>, on splits: [DataSplit], estimatesStatistics: Bool
  ) -> [EvaluationResult?] {
    var buffers = buffers
    if estimatesStatistics, !buffers.arrays.isEmpty {
      buffers = buffers.copy()
      objective.estimateStatistics(at: parameters, buffers: &buffers)
    }
    return DataSplit.allCases.map { split in
      splits.contains(split)
        ? objective.evaluate(at: parameters, on: split, buffers: buffers) : nil
    }
  }
}
