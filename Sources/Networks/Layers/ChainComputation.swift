import Tensors

/// Layers at work one after the other within another layer.
final class ChainComputation: LayerComputation {
  private let computations: [any LayerComputation]

  /// - Parameter layers: At least one, each taking what the one before gives.
  /// - Parameter place: That of the layer around them, whose parameters and buffers are theirs.
  init(_ layers: [any Layer], at place: LayerPlace) {
    precondition(!layers.isEmpty, "no layers in \(place.path)")
    var parameterOffset = place.parameterOffset
    var bufferPosition = place.bufferPosition
    var computations: [any LayerComputation] = []
    for layer in layers {
      computations.append(
        layer.makeComputation(
          at: LayerPlace(
            path: "\(place.path).\(layer.name)", parameterOffset: parameterOffset,
            bufferPosition: bufferPosition, batchSize: place.batchSize,
            isTrained: place.isTrained,
            needsInputGradient: place.needsInputGradient || !computations.isEmpty)))
      parameterOffset += layer.parameterCount
      bufferPosition += layer.buffers.count
    }
    self.computations = computations
  }

  var output: UnsafeMutablePointer<Float> { computations[computations.count - 1].output }
  var inputGradient: UnsafeMutablePointer<Float>? { computations[0].inputGradient }
  var auxiliaryLoss: Double { computations.reduce(0) { $0 + $1.auxiliaryLoss } }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    var input = input
    for computation in computations {
      computation.forward(input: input, rows: rows, parameters: parameters, pass: pass)
      input = UnsafePointer(computation.output)
    }
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    var flowing = outputGradient
    var position = computations.count - 1
    while true {
      let computation = computations[position]
      computation.backward(
        input: position == 0 ? input : UnsafePointer(computations[position - 1].output),
        rows: rows, parameters: parameters, outputGradient: flowing, gradient: gradient,
        pass: pass)
      guard position > 0, let next = computation.inputGradient else { break }
      flowing = next
      position -= 1
    }
  }
}

extension Layer {
  /// The tensors of layers within this one, named `<layer>.<tensor>`.
  static func tensors(of layers: [any Layer]) -> [LayerTensor] {
    layers.flatMap { layer in
      layer.tensors.map { tensor in
        LayerTensor(
          name: "\(layer.name).\(tensor.name)", shape: tensor.shape, role: tensor.role,
          fanIn: tensor.fanIn, fanOut: tensor.fanOut, initialization: tensor.initialization)
      }
    }
  }

  /// The buffers of layers within this one, named `<layer>.<buffer>`.
  static func buffers(of layers: [any Layer]) -> [LayerBuffer] {
    layers.flatMap { layer in
      layer.buffers.map { buffer in
        LayerBuffer(
          name: "\(layer.name).\(buffer.name)", count: buffer.count,
          initialValue: buffer.initialValue)
      }
    }
  }
}
