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
  ///
  /// An optimizer that asks for the gradient elsewhere finds a field of curvature 1 around it.
  mutating func take(_ values: [Float]) {
    var field = UnitCurvature(at: parameters.values, gradient: values)
    take(values, loss: 0, asking: &field)
  }

  /// One update with the given gradient and an answer for what the optimizer asks.
  mutating func take(_ values: [Float], loss: Double, asking source: inout some GradientSource) {
    gradient.copy(from: values)
    optimizer.proposeUpdate(
      for: OptimizerStep(
        layout: layout, step: step, learningRate: learningRate, loss: loss,
        parameters: UnsafePointer(parameters.pointer), gradient: UnsafePointer(gradient.pointer),
        update: update.pointer), state: &state, asking: &source)
    for index in 0..<layout.count { parameters.pointer[index] += update.pointer[index] }
    step += 1
  }

  /// The parameters at which the optimizer wants to be evaluated.
  var evaluated: [Float] {
    let place = optimizer.evaluationParameters(
      for: parameters.pointer, layout: layout, state: state, scratch: update.pointer)
    return Array(UnsafeBufferPointer(start: place, count: layout.count))
  }
}

/// f(x) = ⟨g, x − θ⟩ + ½‖x − θ‖², whose gradient at θ is g.
private struct UnitCurvature: GradientSource {
  let start: [Float]
  let slope: [Float]

  init(at start: [Float], gradient slope: [Float]) {
    self.start = start
    self.slope = slope
  }

  func loss(
    at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    var loss = 0.0
    for index in start.indices {
      let distance = parameters[index] - start[index]
      gradient[index] = slope[index] + distance
      loss += Double(distance) * Double(slope[index] + distance / 2)
    }
    return loss
  }

  func sampleLabels(
    at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Int {
    _ = loss(at: parameters, gradient: gradient)
    return 2
  }
}
