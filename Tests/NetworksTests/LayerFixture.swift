import LinearAlgebra
import Networks
import Settings
import Tensors

/// A network of listed layers with its parameters, compared with values it is to give.
struct LayerFixture {
  let network: Network
  let parameters: [Float]

  /// - Parameter layers: A list in the words of an experiment file.
  init(
    _ layers: String, inputShape: [Int], parameters: [Float]? = nil, batchSize: Int,
    isTrained: Bool = true
  ) throws {
    Threads.useOneThread()
    let model = try Self.model(layers, inputShape: inputShape)
    network = Network(
      model, loss: MeanSquaredError(), targets: .values(model.outputsPerPrediction),
      batchSize: batchSize, isTrained: isTrained)
    self.parameters = parameters ?? normals(model.layout.count, seed: 11, scale: 0.6)
  }

  static func model(_ layers: String, inputShape: [Int], outputs: Int = 3) throws -> Model {
    var definitions: [any LayerDefinition] = []
    for element in try Setting.parse(layers, file: "test").elements() {
      definitions.append(
        try Layers.catalog.make(Layers.catalog.choice(at: element), at: element))
    }
    return try Model(definitions, inputShape: inputShape, outputs: outputs)
  }

  /// The mean squared error of the outputs for `rows` examples and its gradient.
  func lossAndGradient(
    inputs: [Float], values: [Float], rows: Int, pass: Pass = NetworkFixture.training
  ) -> (loss: Double, gradient: [Float]) {
    write(inputs, values)
    var gradient = [Float](repeating: .signalingNaN, count: parameters.count)
    let loss = network.lossAndGradient(
      rows: rows, parameters: parameters, pass: pass, gradient: &gradient)
    return (loss, gradient)
  }

  /// The outputs for `rows` examples.
  func outputs(inputs: [Float], rows: Int) -> [Float] {
    for (index, value) in inputs.enumerated() { network.input[index] = value }
    _ = network.evaluate(rows: rows, parameters: parameters, pass: NetworkFixture.evaluation)
    return Array(
      UnsafeBufferPointer(start: network.lastOutputs, count: rows * network.model.outputCount))
  }

  private func write(_ inputs: [Float], _ values: [Float]) {
    for (index, value) in inputs.enumerated() { network.input[index] = value }
    for (index, value) in values.enumerated() { network.values?[index] = value }
  }
}
