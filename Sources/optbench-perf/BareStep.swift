import Optimizers
import Problems
import Tensors

/// A training step that measures nothing but what the clip needs: what a step would cost if nothing
/// were recorded.
final class BareStep {
  private let layout: ParameterLayout
  private let objective: any Objective
  private var order: any BatchOrder
  private var buffers: NamedArrays
  private let optimizer: any Optimizer
  private let learningRate: Double
  private var optimizerState: NamedArrays
  private let clipping: ClippingStrategy
  private var clippingState: [NamedArrays]
  private let parameters: FloatBuffer
  private let gradient: FloatBuffer
  private let clipped: FloatBuffer
  private let update: FloatBuffer
  private var step = 0

  init(
    _ problem: any TestProblem, _ optimizer: any Optimizer, learningRate: Double,
    _ clipping: ClippingStrategy
  ) {
    layout = problem.layout
    objective = problem.makeObjective(seed: 0)
    order = problem.makeBatchOrder(seed: 0)
    buffers = problem.makeBuffers()
    self.optimizer = optimizer
    self.learningRate = learningRate
    optimizerState = optimizer.makeState(for: layout)
    self.clipping = clipping
    clippingState = clipping.makeState(for: layout)
    parameters = FloatBuffer(problem.initialParameters(seed: 0))
    gradient = FloatBuffer(count: layout.count)
    clipped = FloatBuffer(count: layout.count)
    update = FloatBuffer(count: layout.count)
  }

  func advance() {
    _ = objective.loss(
      at: parameters.pointer, batch: order.next(), buffers: &buffers, updateStatistics: true,
      gradient: gradient.pointer)
    var vector = ClippedVector(
      layout: layout, values: gradient.pointer, working: clipped.pointer)
    _ = clipping.apply(
      stage: .gradient, to: &vector,
      context: ClippingContext(
        step: step, learningRate: learningRate, parameters: parameters.pointer, seed: 0),
      state: &clippingState)
    optimizer.proposeUpdate(
      for: OptimizerStep(
        layout: layout, step: step, learningRate: learningRate, parameters: parameters.pointer,
        gradient: vector.values, update: update.pointer), state: &optimizerState)
    add(update.pointer, to: parameters.pointer, count: layout.count)
    step += 1
  }
}

/// θ ← θ + u.
private func add(
  _ update: UnsafePointer<Float>, to parameters: UnsafeMutablePointer<Float>, count: Int
) {
  var index = 0
  while index + 16 <= count {
    Vector.store(Vector.load(parameters, index) + Vector.load(update, index), parameters, index)
    index += 16
  }
  while index < count {
    parameters[index] += update[index]
    index += 1
  }
}
