import Optimizers
import Tensors

/// A training loop without a trainer: parameters, state and the memory of one run.
struct OptimizerRun {
  let optimizer: any Optimizer
  let layout: ParameterLayout
  let learningRate: Double
  let parameters: FloatBuffer
  let gradient: FloatBuffer
  let update: FloatBuffer
  var state: NamedArrays
  var step = 0

  init(
    _ optimizer: any Optimizer, layout: ParameterLayout, learningRate: Double, initial: [Float]
  ) {
    self.optimizer = optimizer
    self.layout = layout
    self.learningRate = learningRate
    parameters = FloatBuffer(initial)
    gradient = FloatBuffer(count: layout.count)
    update = FloatBuffer(count: layout.count)
    state = optimizer.makeState(for: layout)
  }

  /// A run that goes on from here in memory of its own.
  func resumedCopy() -> OptimizerRun {
    var copy = OptimizerRun(
      optimizer, layout: layout, learningRate: learningRate, initial: parameters.values)
    copy.state = state.copy()
    copy.step = step
    return copy
  }

  /// One update with the given gradient.
  mutating func take(_ values: [Float]) {
    gradient.copy(from: values)
    optimizer.proposeUpdate(
      for: OptimizerStep(
        layout: layout, step: step, learningRate: learningRate,
        parameters: UnsafePointer(parameters.pointer), gradient: UnsafePointer(gradient.pointer),
        update: update.pointer), state: &state)
    for index in 0..<layout.count { parameters.pointer[index] += update.pointer[index] }
    step += 1
  }
}
