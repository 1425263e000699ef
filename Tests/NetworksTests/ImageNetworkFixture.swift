import LinearAlgebra
import Networks
import Settings
import Tensors

/// A network of layers as an experiment file lists them, with parameters, buffers and a batch.
final class ImageNetworkFixture {
  let network: Network
  let parameters: [Float]
  var buffers: NamedArrays
  private let loss = CrossEntropy()

  init(
    _ layers: [String], inputShape: [Int], outputs: Int = 3, parameters: [Float]? = nil,
    batchSize: Int
  ) throws {
    Threads.useOneThread()
    let model = try Self.model(layers, inputShape: inputShape, outputs: outputs)
    network = Network(model, loss: loss, batchSize: batchSize, isTrained: true)
    self.parameters = parameters ?? normals(model.layout.count, seed: 11, scale: 0.4)
    precondition(self.parameters.count == model.layout.count, "\(model.layout.count) parameters")
    buffers = model.makeBuffers()
  }

  static func model(_ layers: [String], inputShape: [Int], outputs: Int = 3) throws -> Model {
    let definitions = try layers.map { text in
      let setting = try Setting.parse(text, file: "layers")
      return try Layers.catalog.make(Layers.catalog.choice(at: setting), at: setting)
    }
    return try Model(definitions, inputShape: inputShape, outputs: outputs)
  }

  /// The loss and the gradient on the given examples.
  func lossAndGradient(
    inputs: [Float], labels: [Int], updatesStatistics: Bool = true
  ) -> (loss: Double, gradient: [Float]) {
    write(inputs, labels)
    var gradient = [Float](repeating: .signalingNaN, count: parameters.count)
    let loss = network.lossAndGradient(
      rows: labels.count, parameters: parameters,
      pass: Pass(
        isTraining: true, seed: 0, step: 0, buffers: buffers, updatesStatistics: updatesStatistics),
      gradient: &gradient)
    return (loss, gradient)
  }

  /// The mean loss of an evaluation.
  func evaluate(inputs: [Float], labels: [Int]) -> Double {
    write(inputs, labels)
    let sums = network.evaluate(
      rows: labels.count, parameters: parameters,
      pass: Pass(
        isTraining: false, seed: 0, step: 0, buffers: buffers, updatesStatistics: false))
    return sums.loss / Double(labels.count)
  }

  /// The outputs of the last pass.
  func outputs(rows: Int) -> [Double] {
    (0..<rows * network.model.outputCount).map { Double(network.lastOutputs[$0]) }
  }

  private func write(_ inputs: [Float], _ labels: [Int]) {
    precondition(inputs.count == labels.count * network.model.inputCount, "\(inputs.count) inputs")
    for (index, value) in inputs.enumerated() { network.input[index] = value }
    for (index, label) in labels.enumerated() { network.labels[index] = Int32(label) }
  }
}
