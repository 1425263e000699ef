import LinearAlgebra
import Tensors

/// A recurrent layer at work.
///
/// Inside, memory is time-major: a time step's rows lie together. So the input's products and the
/// gradients of the weights are one product each for all time steps, and a time step needs a single
/// small product, with the recurrent weights.
final class RecurrentComputation: LayerComputation, ThroughTime {
  private let cell: any RecurrentCell
  private let steps: Int
  private let inputs: Int
  private let units: Int
  private let gateCount: Int
  private let outputsAllSteps: Bool
  private let isTrained: Bool
  private let offsets: Offsets
  private var rows = 0

  private let outputBuffer: FloatBuffer
  private let inputGradientBuffer: FloatBuffer?
  /// The input, time-major.
  private let sequence: FloatBuffer
  /// The gates: of all time steps where gradients are wanted, else of one.
  private let gates: FloatBuffer
  private let recurrent: FloatBuffer
  /// The states before the first time step, which are 0, and after each.
  private let hidden: FloatBuffer
  private let state: FloatBuffer
  private let inputBias: FloatBuffer
  private let recurrentBias: FloatBuffer
  /// W_hhᵀ: faster than taking W_hh transposed in every time step.
  private let transposedWeight: FloatBuffer
  private let backwardMemory: BackwardMemory?

  private let inputProduct = PreparedProduct(transposingB: true)
  private let recurrentProduct = PreparedProduct()
  private let inputWeightProduct = PreparedProduct(transposingA: true)
  private let recurrentWeightProduct = PreparedProduct(transposingA: true)
  private let hiddenGradientProduct = PreparedProduct()
  private let inputGradientProduct = PreparedProduct()

  init(_ layer: RecurrentLayer, at place: LayerPlace) {
    cell = layer.cell
    steps = layer.steps
    inputs = layer.features
    units = layer.units
    gateCount = layer.cell.gates * layer.units
    outputsAllSteps = layer.outputsAllSteps
    isTrained = place.isTrained
    offsets = Offsets(layer, at: place.parameterOffset)
    let rows = place.batchSize
    func buffer(_ count: Int) -> FloatBuffer { FloatBuffer(count: count + activationSlack) }
    outputBuffer = buffer(rows * layer.outputCount)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient ? buffer(rows * layer.inputCount) : nil
    sequence = buffer(rows * layer.inputCount)
    gates = buffer((place.isTrained ? steps : 1) * rows * gateCount)
    recurrent = buffer(rows * gateCount)
    hidden = buffer((steps + 1) * rows * units)
    state = buffer(cell.keepsState ? (steps + 1) * rows * units : 0)
    inputBias = buffer(gateCount)
    recurrentBias = buffer(gateCount)
    transposedWeight = buffer(gateCount * units)
    backwardMemory =
      place.isTrained
      ? BackwardMemory(
        cell: cell, steps: steps, rows: rows, inputs: inputs, units: units,
        needsInputGradient: place.needsInputGradient) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    self.rows = rows
    TimeOrder.toTimeMajor(
      input, into: sequence.pointer, rows: rows, steps: steps, width: inputs)
    inputBias.pointer.update(from: parameters + offsets.inputBias, count: gateCount)
    recurrentBias.pointer.update(from: parameters + offsets.recurrentBias, count: gateCount)
    TimeOrder.transpose(
      parameters + offsets.recurrentWeight, into: transposedWeight.pointer, rows: gateCount,
      columns: units)
    hidden.pointer.update(repeating: 0, count: rows * units)
    if cell.keepsState { state.pointer.update(repeating: 0, count: rows * units) }
    if isTrained { multiplyInput(atStep: 0, count: steps, parameters) }
    for step in 0..<steps {
      if !isTrained { multiplyInput(atStep: step, count: 1, parameters) }
      recurrentProduct.multiply(
        hiddenState(before: step), transposedWeight.pointer, into: recurrent.pointer, rows: rows,
        columns: gateCount, inner: units)
      cell.forward(
        RecurrentStep(
          rows: rows, hiddenCount: units, gates: gates(at: step), recurrent: recurrent.pointer,
          inputBias: inputBias.pointer, recurrentBias: recurrentBias.pointer,
          previousHidden: hiddenState(before: step), hidden: hiddenState(before: step + 1),
          previousState: cellState(before: step), state: cellState(before: step + 1)))
    }
    if outputsAllSteps {
      TimeOrder.toBatchMajor(
        hiddenState(before: 1), into: output, rows: rows, steps: steps, width: units)
    } else {
      output.update(from: hiddenState(before: steps), count: rows * units)
    }
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    guard let memory = backwardMemory else { preconditionFailure("this layer only evaluates") }
    let block = rows * gateCount
    let inputGates = memory.inputGates.pointer
    let recurrentGates = memory.recurrentGates.pointer
    memory.passed.fill(0)
    for step in (0..<steps).reversed() {
      let hiddenGradient = memory.hidden.pointer + step * rows * units
      if step == steps - 1 {
        hiddenGradient.update(repeating: 0, count: rows * units)
      } else {
        hiddenGradientProduct.multiply(
          recurrentGates + (step + 1) * block, parameters + offsets.recurrentWeight,
          into: hiddenGradient, rows: rows, columns: units, inner: gateCount)
      }
      addOutputGradient(outputGradient, ofStep: step, to: hiddenGradient)
      cell.backward(
        RecurrentGradientStep(
          rows: rows, hiddenCount: units, gates: gates(at: step),
          previousHidden: hiddenState(before: step), hidden: hiddenState(before: step + 1),
          previousState: cellState(before: step), state: cellState(before: step + 1),
          hiddenGradient: hiddenGradient, passedGradient: memory.passed.pointer,
          inputGateGradient: inputGates + step * block,
          recurrentGateGradient: recurrentGates + step * block))
    }
    addUpWeightGradients(memory, gradient)
    if let inputGradient, let sequenceGradient = memory.sequence?.pointer {
      inputGradientProduct.multiply(
        inputGates, parameters + offsets.inputWeight, into: sequenceGradient, rows: steps * rows,
        columns: inputs, inner: gateCount)
      TimeOrder.toBatchMajor(
        sequenceGradient, into: inputGradient, rows: rows, steps: steps, width: inputs)
    }
  }

  func hiddenGradientNorms() -> [Double] {
    guard let memory = backwardMemory else { return [] }
    return (0..<steps).map {
      Vector.norm(memory.hidden.pointer + $0 * rows * units, count: rows * units)
    }
  }

  private func multiplyInput(atStep step: Int, count: Int, _ parameters: UnsafePointer<Float>) {
    inputProduct.multiply(
      sequence.pointer + step * rows * inputs, parameters + offsets.inputWeight,
      into: gates(at: step), rows: count * rows, columns: gateCount, inner: inputs)
  }

  /// Of a layer that gives its last hidden state only the last time step has an output.
  private func addOutputGradient(
    _ outputGradient: UnsafePointer<Float>, ofStep step: Int,
    to hiddenGradient: UnsafeMutablePointer<Float>
  ) {
    if outputsAllSteps {
      for row in 0..<rows {
        let given = outputGradient + (row * steps + step) * units
        let sum = hiddenGradient + row * units
        for unit in 0..<units { sum[unit] += given[unit] }
      }
    } else if step == steps - 1 {
      hiddenGradient.update(from: outputGradient, count: rows * units)
    }
  }

  private func addUpWeightGradients(
    _ memory: BackwardMemory, _ gradient: UnsafeMutablePointer<Float>
  ) {
    let inputGates = memory.inputGates.pointer
    let recurrentGates = memory.recurrentGates.pointer
    let count = steps * rows
    // The transpose of the gradient: with few inputs four times as fast.
    inputWeightProduct.multiply(
      sequence.pointer, inputGates, into: memory.transposedInputWeight.pointer, rows: inputs,
      columns: gateCount, inner: count)
    TimeOrder.transpose(
      memory.transposedInputWeight.pointer, into: gradient + offsets.inputWeight, rows: inputs,
      columns: gateCount)
    recurrentWeightProduct.multiply(
      recurrentGates, hidden.pointer, into: gradient + offsets.recurrentWeight, rows: gateCount,
      columns: units, inner: count)
    BiasActivation.backward(
      .identity, inputGates, outputs: inputGates, biasGradient: gradient + offsets.inputBias,
      rows: count, columns: gateCount)
    if cell.separatesRecurrentGradient {
      BiasActivation.backward(
        .identity, recurrentGates, outputs: recurrentGates,
        biasGradient: gradient + offsets.recurrentBias, rows: count, columns: gateCount)
    } else {
      (gradient + offsets.recurrentBias).update(
        from: gradient + offsets.inputBias, count: gateCount)
    }
  }

  private func gates(at step: Int) -> UnsafeMutablePointer<Float> {
    gates.pointer + (isTrained ? step * rows * gateCount : 0)
  }

  private func hiddenState(before step: Int) -> UnsafeMutablePointer<Float> {
    hidden.pointer + step * rows * units
  }

  private func cellState(before step: Int) -> UnsafeMutablePointer<Float> {
    state.pointer + (cell.keepsState ? step * rows * units : 0)
  }
}

/// Where a recurrent layer's tensors begin in the model's vector.
private struct Offsets {
  let inputWeight: Int
  let recurrentWeight: Int
  let inputBias: Int
  let recurrentBias: Int

  init(_ layer: RecurrentLayer, at offset: Int) {
    let gateCount = layer.cell.gates * layer.units
    inputWeight = offset
    recurrentWeight = inputWeight + gateCount * layer.features
    inputBias = recurrentWeight + gateCount * layer.units
    recurrentBias = inputBias + gateCount
  }
}

/// What the backward pass works in.
private struct BackwardMemory {
  /// The gradients at the parts of the gates, of all time steps.
  let inputGates: FloatBuffer
  let recurrentGates: FloatBuffer
  /// The gradients at the hidden states of all time steps.
  let hidden: FloatBuffer
  let passed: FloatBuffer
  let transposedInputWeight: FloatBuffer
  /// The gradient at the input, time-major.
  let sequence: FloatBuffer?

  init(
    cell: any RecurrentCell, steps: Int, rows: Int, inputs: Int, units: Int,
    needsInputGradient: Bool
  ) {
    func buffer(_ count: Int) -> FloatBuffer { FloatBuffer(count: count + activationSlack) }
    inputGates = buffer(steps * rows * cell.gates * units)
    recurrentGates =
      cell.separatesRecurrentGradient ? buffer(steps * rows * cell.gates * units) : inputGates
    hidden = buffer(steps * rows * units)
    passed = buffer(rows * units)
    transposedInputWeight = buffer(inputs * cell.gates * units)
    sequence = needsInputGradient ? buffer(steps * rows * inputs) : nil
  }
}
