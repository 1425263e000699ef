package import Records
package import Tensors

/// Everything of a run in progress that its later steps depend on, apart from scratch memory: what a
/// checkpoint has to hold. With the problem, the method and the seed it determines the rest of the run.
///
/// Batch order and noise are functions of seed and step and need no memory. The buffers are those of the
/// run, which goes on to change them, until `copy()`.
package struct RunState {
  /// Steps made.
  package var step: Int
  package var parameters: FloatBuffer
  /// The norm of the parameters as the last step measured it, which an optimizer may be told.
  package var parameterNorm: Double
  /// The gradient of the step before, which the next one's angle is measured against.
  package var previousGradient: FloatBuffer
  package var previousNorm: Double
  package var optimizer: NamedArrays
  package var schedule: NamedArrays
  /// The memory of each transform of the clipping strategy.
  package var clipping: [NamedArrays]
  /// What the model keeps besides its parameters.
  package var buffers: NamedArrays
  package var gradientEvaluations: Int64
  package var nonfiniteGradients: Int
  package var firstNonfiniteGradientStep: Int

  /// The same state in memory of its own.
  package func copy() -> RunState {
    var result = self
    result.parameters = FloatBuffer(parameters.values)
    result.previousGradient = FloatBuffer(previousGradient.values)
    result.optimizer = optimizer.copy()
    result.schedule = schedule.copy()
    result.clipping = clipping.map { $0.copy() }
    result.buffers = buffers.copy()
    return result
  }
}

extension RunState {
  /// Adds the state to a checkpoint, without copying its arrays.
  package func write(to checkpoint: inout RunCheckpoint) {
    checkpoint.step = step
    checkpoint.integers["gradient_evaluations"] = gradientEvaluations
    checkpoint.integers["nonfinite_gradients"] = Int64(nonfiniteGradients)
    checkpoint.integers["first_nonfinite_gradient_step"] = Int64(firstNonfiniteGradientStep)
    checkpoint.numbers["parameter_norm"] = parameterNorm
    checkpoint.numbers["previous_gradient_norm"] = previousNorm
    checkpoint.add(parameters, "parameters")
    checkpoint.add(previousGradient, "previous_gradient")
    checkpoint.add(optimizer, "optimizer")
    checkpoint.add(schedule, "schedule")
    for (index, state) in clipping.enumerated() { checkpoint.add(state, "clipping/\(index)") }
    checkpoint.add(buffers, "buffers")
  }

  /// The state that a checkpoint holds; nil unless it has everything that `run`, the state of the same run
  /// before its first step, has, in the same sizes.
  package init?(_ checkpoint: RunCheckpoint, of run: RunState) {
    var clipping: [NamedArrays] = []
    for (index, state) in run.clipping.enumerated() {
      guard let state = checkpoint.state("clipping/\(index)", like: state) else { return nil }
      clipping.append(state)
    }
    guard let parameters = checkpoint.buffer("parameters", like: run.parameters),
      let previousGradient = checkpoint.buffer("previous_gradient", like: run.previousGradient),
      let parameterNorm = checkpoint.numbers["parameter_norm"],
      let previousNorm = checkpoint.numbers["previous_gradient_norm"],
      let optimizer = checkpoint.state("optimizer", like: run.optimizer),
      let schedule = checkpoint.state("schedule", like: run.schedule),
      let buffers = checkpoint.state("buffers", like: run.buffers),
      let gradientEvaluations = checkpoint.integers["gradient_evaluations"],
      let nonfiniteGradients = checkpoint.integers["nonfinite_gradients"],
      let firstNonfiniteGradientStep = checkpoint.integers["first_nonfinite_gradient_step"]
    else { return nil }
    // One after the other, so that a part of the state that is not kept does not compile.
    self.step = checkpoint.step
    self.parameters = parameters
    self.parameterNorm = parameterNorm
    self.previousGradient = previousGradient
    self.previousNorm = previousNorm
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.buffers = buffers
    self.gradientEvaluations = gradientEvaluations
    self.nonfiniteGradients = Int(nonfiniteGradients)
    self.firstNonfiniteGradientStep = Int(firstNonfiniteGradientStep)
  }
}

extension RunCheckpoint {
  fileprivate mutating func add(_ buffer: FloatBuffer, _ name: String) {
    let memory = UnsafeBufferPointer(start: UnsafePointer(buffer.pointer), count: buffer.count)
    arrays.append(CheckpointArray(name, in: memory, of: buffer))
  }

  fileprivate mutating func add(_ state: NamedArrays, _ name: String) {
    for (part, array) in zip(state.names, state.arrays) { add(array, "\(name)/\(part)") }
    for (part, value) in zip(state.numberNames, state.numbers) {
      numbers["\(name)/\(part)"] = value
    }
    for (index, part) in state.parts.enumerated() { add(part, "\(name)/base\(index)") }
  }

  fileprivate func buffer(_ name: String, like other: FloatBuffer) -> FloatBuffer? {
    array(name, count: other.count)?.withValues { values in
      let buffer = FloatBuffer(count: values.count)
      if let start = values.baseAddress { buffer.pointer.update(from: start, count: values.count) }
      return buffer
    }
  }

  fileprivate func state(_ name: String, like other: NamedArrays) -> NamedArrays? {
    var state = other.copy()
    for (part, array) in zip(state.names, state.arrays) {
      guard let found = self.array("\(name)/\(part)", count: array.count) else { return nil }
      found.withValues { values in
        if let start = values.baseAddress { array.pointer.update(from: start, count: values.count) }
      }
    }
    for (index, part) in state.numberNames.enumerated() {
      guard let value = numbers["\(name)/\(part)"] else { return nil }
      state.numbers[index] = value
    }
    for (index, part) in other.parts.enumerated() {
      guard let part = self.state("\(name)/base\(index)", like: part) else { return nil }
      state.parts[index] = part
    }
    return state
  }
}
