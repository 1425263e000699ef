internal import Optimizers
internal import Tensors

/// The optimizer of a method that is clipping alone: it moves nothing.
struct Standstill: Optimizer {
  func makeState(for layout: ParameterLayout) -> NamedArrays { .empty }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    step.update.update(repeating: 0, count: step.count)
  }
}

/// A clipping transform that works on the gradient where it would work on an update: without an
/// optimizer there is no other update to clip.
struct OnGradient: ClippingTransform {
  let transform: any ClippingTransform

  init(_ transform: any ClippingTransform) { self.transform = transform }

  var stage: ClippingStage { transform.stage == .update ? .gradient : transform.stage }
  var maySkip: Bool { transform.maySkip }

  func makeState(for layout: ParameterLayout) -> NamedArrays { transform.makeState(for: layout) }

  func apply(
    to vector: inout ClippedVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    transform.apply(to: &vector, context: context, state: &state)
  }
}
