internal import Optimizers
internal import Tensors

/// The optimizer of a method that is clipping alone: it moves nothing.
struct Standstill: Optimizer {
  func makeState(for layout: ParameterLayout) -> NamedArrays { .empty }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    step.update.update(repeating: 0, count: step.count)
  }
}
