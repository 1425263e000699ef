public import Tensors

/// A chain of layers: what a network is, without its numbers. Immutable and shared by runs.
public struct Model: Sendable {
  public let layers: [any Layer]
  /// The parameters of all layers in order, named `<layer>.<tensor>`: `dense1.weight`.
  public let layout: ParameterLayout

  /// A chain of at least one layer, each taking what the one before gives.
  public init(_ layers: [any Layer]) {
    precondition(!layers.isEmpty, "a model needs a layer")
    for (layer, next) in zip(layers, layers.dropFirst()) {
      precondition(
        layer.outputShape == next.inputShape,
        "\(next.name) takes \(next.inputShape), \(layer.name) gives \(layer.outputShape)")
    }
    precondition(
      Set(layers.map(\.name)).count == layers.count, "two layers have the same name")
    self.layers = layers
    layout = ParameterLayout(
      layers.flatMap { layer in
        layer.tensors.map { ("\(layer.name).\($0.name)", $0.shape, $0.role) }
      })
  }

  /// The chain of the layers described, of at least one.
  ///
  /// - Parameters:
  ///   - inputShape: The shape of one example.
  ///   - outputs: The outputs that the data ask for each prediction.
  /// - Throws: Which layer does not fit, and why.
  public init(
    _ definitions: [any LayerDefinition], inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) {
    self.init(try Layers.chain(definitions, inputShape: inputShape, outputs: outputs))
  }

  /// The floats of one example.
  public var inputCount: Int { layers[0].inputCount }
  /// The outputs for one example.
  public var outputCount: Int { outputShape.reduce(1, *) }
  /// The shape of the outputs for one example.
  public var outputShape: [Int] { layers[layers.count - 1].outputShape }
  /// The predictions for one example: the time steps of a sequence that comes out, otherwise 1.
  public var predictionsPerExample: Int { outputShape.count == 2 ? outputShape[0] : 1 }
  /// The outputs for one prediction.
  public var outputsPerPrediction: Int { outputCount / predictionsPerExample }

  /// The parameters from which the run with `seed` starts.
  ///
  /// Each tensor draws from its own `RandomStream(seed:, name: "initial-parameters/<tensor>")`, so
  /// a tensor's values depend on nothing else in the model. NumPy can regenerate them: see
  /// `scripts/oracles/initial_parameters.py`.
  public func initialParameters(seed: UInt64) -> [Float] {
    var parameters: [Float] = []
    parameters.reserveCapacity(layout.count)
    for layer in layers {
      for tensor in layer.tensors {
        var stream = RandomStream(
          seed: seed, name: "initial-parameters/\(layer.name).\(tensor.name)")
        let values = tensor.initialization.values(for: tensor, from: &stream)
        precondition(values.count == tensor.shape.reduce(1, *), "\(tensor.name) has a wrong size")
        parameters += values
      }
    }
    return parameters
  }

  /// The arrays that are not trained, all layers', before the first step.
  public func makeBuffers() -> NamedArrays {
    let declared = layers.flatMap { layer in
      layer.buffers.map { ("\(layer.name).\($0.name)", $0) }
    }
    let result = NamedArrays(arrays: declared.map { ($0.0, $0.1.count) })
    for (array, buffer) in zip(result.arrays, declared) { array.fill(buffer.1.initialValue) }
    return result
  }
}
