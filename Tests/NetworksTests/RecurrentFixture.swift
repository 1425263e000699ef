import LinearAlgebra
import Networks
import Settings
import Tensors

/// A recurrent network with parameters, as the tests use it.
struct RecurrentFixture {
  let network: Network
  let parameters: [Float]

  init(
    _ shape: ReferenceRecurrentNetwork, parameters: [Float], batchSize: Int, isTrained: Bool = true
  ) throws {
    Threads.useOneThread()
    let initialization = try Initializations.named("torch-default", gain: 1)
    let unit: RecurrentUnit =
      switch shape.kind {
      case "gru": .gru
      case "lstm": .lstm(forgetBias: 0)
      default: .elman(isRectified: shape.isRectified)
      }
    var inputShape = [shape.steps, shape.features]
    var layers: [any Layer] = []
    for number in 1...shape.layers {
      layers.append(
        RecurrentLayer(
          name: "\(shape.kind)\(number)", inputShape: inputShape, unit: unit, units: shape.units,
          outputsAllSteps: shape.outputsAllSteps || number < shape.layers,
          initialization: initialization))
      inputShape = layers[number - 1].outputShape
    }
    layers.append(
      DenseLayer(
        name: "dense1", inputShape: inputShape, outputs: shape.classes, activation: .identity,
        initialization: initialization))
    network = Network(
      Model(layers), loss: CrossEntropy(), batchSize: batchSize, isTrained: isTrained)
    self.parameters = parameters
  }

  func lossAndGradient(inputs: [Float], labels: [Int]) -> (loss: Double, gradient: [Float]) {
    let rows = write(inputs, labels)
    var gradient = [Float](repeating: .signalingNaN, count: parameters.count)
    let loss = network.lossAndGradient(
      rows: rows, parameters: parameters, pass: NetworkFixture.training, gradient: &gradient)
    return (loss, gradient)
  }

  /// The mean loss.
  func evaluate(inputs: [Float], labels: [Int]) -> Double {
    let rows = write(inputs, labels)
    return network.evaluate(rows: rows, parameters: parameters, pass: NetworkFixture.evaluation)
      .loss
      / Double(labels.count)
  }

  private func write(_ inputs: [Float], _ labels: [Int]) -> Int {
    for (index, value) in inputs.enumerated() { network.input[index] = value }
    for (index, label) in labels.enumerated() { network.labels[index] = Int32(label) }
    return inputs.count / network.model.inputCount
  }
}
