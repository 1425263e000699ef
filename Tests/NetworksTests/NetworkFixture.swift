import LinearAlgebra
import Networks
import Settings
import Tensors

/// A network with its parameters and a batch, as the tests use it.
struct NetworkFixture {
  let network: Network
  let parameters: [Float]

  init(
    widths: [Int], activation: Activation, loss: any Loss, parameters: [Float], batchSize: Int
  ) throws {
    Threads.useOneThread()
    let initialization = try Initializations.named("he-normal", gain: 1)
    let model = Model(
      (1..<widths.count).map { position in
        DenseLayer(
          name: "dense\(position)", inputShape: [widths[position - 1]], outputs: widths[position],
          activation: position == widths.count - 1 ? .identity : activation,
          initialization: initialization)
      })
    network = Network(model, loss: loss, batchSize: batchSize, isTrained: true)
    self.parameters = parameters
  }

  /// The loss and the gradient on the given examples.
  func lossAndGradient(inputs: [[Float]], labels: [Int]) -> (loss: Double, gradient: [Float]) {
    write(inputs, labels)
    var gradient = [Float](repeating: .signalingNaN, count: parameters.count)
    let loss = network.lossAndGradient(
      rows: labels.count, parameters: parameters, pass: Self.training, gradient: &gradient)
    return (loss, gradient)
  }

  /// The mean loss and the number of examples classified rightly.
  func evaluate(inputs: [[Float]], labels: [Int]) -> (loss: Double, correct: Int?) {
    write(inputs, labels)
    let sums = network.evaluate(
      rows: labels.count, parameters: parameters, pass: Self.evaluation)
    return (sums.loss / Double(labels.count), sums.correct)
  }

  private func write(_ inputs: [[Float]], _ labels: [Int]) {
    for (index, value) in inputs.joined().enumerated() { network.input[index] = value }
    for (index, label) in labels.enumerated() { network.labels[index] = Int32(label) }
  }

  static var training: Pass {
    Pass(
      isTraining: true, seed: 0, step: 0, buffers: .empty, updatesStatistics: true)
  }
  static var evaluation: Pass {
    Pass(
      isTraining: false, seed: 0, step: 0, buffers: .empty, updatesStatistics: false)
  }
}

/// `count` normal numbers that depend on the seed alone.
func normals(_ count: Int, seed: UInt64, scale: Double = 1) -> [Float] {
  var stream = RandomStream(seed: seed, name: "test")
  return (0..<count).map { _ in Float(scale * stream.normal()) }
}

extension [Float] {
  /// Rows of `width` numbers.
  func rows(of width: Int) -> [[Float]] {
    stride(from: 0, to: count, by: width).map { Array(self[$0..<$0 + width]) }
  }
}

let bothLosses: [any Loss] = [CrossEntropy(), MeanSquaredError()]
