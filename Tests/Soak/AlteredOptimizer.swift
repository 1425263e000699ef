import Optimizers
import Tensors

/// What happens around an optimizer's step; by default nothing.
struct OptimizerChange: Sendable {
  typealias Vector = UnsafeMutablePointer<Float>

  /// The learning rate that the optimizer is told, from the right one and the step.
  var learningRate: (@Sendable (Double, Int) -> Double)?
  /// Changes the copy of the gradient that the optimizer sees; `memory` keeps from step to step.
  var gradient: (@Sendable (_ gradient: Vector, _ memory: Vector, OptimizerStep) -> Void)?
  /// Changes the optimizer's memory before a step.
  var state: (@Sendable (inout NamedArrays, OptimizerStep) -> Void)?
  /// Changes the proposed update.
  var update: (@Sendable (_ update: Vector, OptimizerStep) -> Void)?
}

/// An optimizer with a change around it.
struct AlteredOptimizer: Optimizer {
  let base: any Optimizer
  let change: OptimizerChange

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(
      arrays: [("gradient", layout.count), ("memory", layout.count)],
      parts: [base.makeState(for: layout)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    var gradient = step.gradient
    if let alter = change.gradient {
      state[0].update(from: step.gradient, count: step.count)
      alter(state[0], state[1], step)
      gradient = UnsafePointer(state[0])
    }
    change.state?(&state.parts[0], step)
    let altered = OptimizerStep(
      layout: step.layout, step: step.step,
      learningRate: change.learningRate?(step.learningRate, step.step) ?? step.learningRate,
      loss: step.loss, parameters: step.parameters, gradient: gradient, update: step.update)
    base.proposeUpdate(for: altered, state: &state.parts[0])
    change.update?(step.update, step)
  }
}
