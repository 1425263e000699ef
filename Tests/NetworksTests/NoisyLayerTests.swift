import LinearAlgebra
import Networks
import Settings
import Tensors
import TestSupport
import Testing

@Suite("Layers with noise, and embeddings")
struct NoisyLayerTests {
  /// What PyTorch computes from the same noise; made by scripts/oracles/noisy_networks_torch.py.
  private struct Oracle: Decodable {
    struct Autoencoder: Decodable {
      let inputsPerExample: Int
      let hidden: Int
      let latent: Int
      let rows: Int
      let seed: UInt64
      let step: Int
      let parameters: [Float]
      let inputs: [Float]
      let loss: Double
      let gradient: [Double]
      let evaluationLoss: Double
    }
    struct LanguageModel: Decodable {
      let vocabulary: Int
      let features: Int
      let units: Int
      let rate: Double
      let seed: UInt64
      let step: Int
      let parameters: [Float]
      let tokens: [[Int]]
      let labels: [[Int]]
      let loss: Double
      let gradient: [Double]
      let evaluationLoss: Double
    }
    let autoencoder: Autoencoder
    let languageModel: LanguageModel
  }

  private func dense(
    _ name: String, _ shape: [Int], _ outputs: Int, _ activation: Activation
  ) throws -> DenseLayer {
    DenseLayer(
      name: name, inputShape: shape, outputs: outputs, activation: activation,
      initialization: try Initializations.named("torch-default", gain: 1))
  }

  private func autoencoder(_ inputs: Int, _ hidden: Int, _ latent: Int) throws -> Model {
    Model([
      try dense("dense1", [inputs], hidden, .tanh),
      try dense("dense2", [hidden], 2 * latent, .identity),
      GaussianSamplingLayer(name: "gaussian-sampling1", features: latent),
      try dense("dense3", [latent], hidden, .tanh),
      try dense("dense4", [hidden], inputs, .identity),
    ])
  }

  private func pass(_ isTraining: Bool, _ seed: UInt64, _ step: Int) -> Pass {
    Pass(
      isTraining: isTraining, seed: seed, step: step, buffers: .empty, updatesStatistics: false)
  }

  private func write(_ inputs: [Float], to network: Network) {
    for (index, value) in inputs.enumerated() { network.input[index] = value }
  }

  @Test("a variational autoencoder has PyTorch's bound and gradient for the documented noise")
  func evidenceBound() throws {
    Threads.useOneThread()
    let item = try TestSupport.oracle("noisy_networks_torch", as: Oracle.self).autoencoder
    let network = Network(
      try autoencoder(item.inputsPerExample, item.hidden, item.latent), loss: VAEEvidenceBound(),
      batchSize: item.rows + 2, isTrained: true)
    write(item.inputs, to: network)
    var gradient = [Float](repeating: .nan, count: item.parameters.count)
    let loss = network.lossAndGradient(
      rows: item.rows, parameters: item.parameters, pass: pass(true, item.seed, item.step),
      gradient: &gradient)
    #expect(abs(loss - item.loss) < 2e-6 * item.loss)
    #expect(relativeDistance(gradient.map(Double.init), from: item.gradient) < 1e-6)
    let evaluation = network.evaluate(
      rows: item.rows, parameters: item.parameters, pass: pass(false, item.seed, 0))
    #expect(evaluation.correct == nil)
    #expect(abs(evaluation.loss / Double(item.rows) - item.evaluationLoss) < 2e-6 * item.loss)
  }

  @Test("the bound's gradient equals finite differences, noise held, in Double")
  func evidenceBoundDifferences() throws {
    Threads.useOneThread()
    let model = Model([
      GaussianSamplingLayer(name: "gaussian-sampling1", features: 2),
      try dense("dense1", [2], 4, .identity),
    ])
    // The gradient at the code reaches the parameters of a layer before it.
    let whole = Model([try dense("dense2", [4], 4, .identity)] + model.layers)
    let parameters = normals(whole.layout.count, seed: 12, scale: 0.7)
    let input: [Float] = [0, 1, 0.25, 0.5]
    let network = Network(whole, loss: VAEEvidenceBound(), batchSize: 1, isTrained: true)
    write(input, to: network)
    var gradient = [Float](repeating: .nan, count: parameters.count)
    let loss = network.lossAndGradient(
      rows: 1, parameters: parameters, pass: pass(true, 4, 7), gradient: &gradient)
    var stream = RandomStream(seed: 4, name: "gaussian-sampling/gaussian-sampling1", part: 7)
    let noise = [stream.normal(), stream.normal()]
    let targets = input.map(Double.init)
    func function(_ p: [Double]) -> Double {
      var code: [Double] = []
      for row in 0..<4 {
        var sum = p[16 + row]
        for column in 0..<4 { sum += p[row * 4 + column] * targets[column] }
        code.append(sum)
      }
      var total = 0.0
      var sample: [Double] = []
      for index in 0..<2 {
        let (mean, logVariance) = (code[index], code[2 + index])
        total += (mean * mean + exponential(logVariance) - 1 - logVariance) / 2
        sample.append(mean + exponential(logVariance / 2) * noise[index])
      }
      for row in 0..<4 {
        let z: Double = p[28 + row] + p[20 + 2 * row] * sample[0] + p[21 + 2 * row] * sample[1]
        total += logarithm(1 + exponential(z)) - z * targets[row]
      }
      return total
    }
    let point = parameters.map(Double.init)
    #expect(abs(loss - function(point)) < 2e-6)
    let expected = centralDifferences(of: function, at: point)
    #expect(relativeDistance(gradient.map(Double.init), from: expected) < 2e-6)
  }

  @Test("the cross-entropy of large logits is finite and that of grey inputs is right")
  func logits() {
    let outputs: [Float] = [100, -100, 0, 3, -3, 40] + [Float](repeating: 0, count: 16)
    let targets: [Float] = [1, 0, 0.5, 0.25, 0.75, 0] + [Float](repeating: 0, count: 16)
    var gradient = [Float](repeating: 0, count: 22)
    let loss = VAEEvidenceBound().sum(
      outputs: outputs, targets: .values(targets), rows: 1, width: 6, gradient: &gradient)
    let three = logarithm(1 + exponential(-3))
    #expect(abs(loss - (logarithm(2) + 2 * (three + 3 * 0.75) + 40)) < 1e-5)
    for (index, value) in [0, 0, 0, 1 / (1 + exponential(-3)) - 0.25].enumerated() {
      #expect(abs(Double(gradient[index]) - value) < 1e-6)
    }
    #expect(abs(gradient[5] - 1) < 1e-6)
  }

  private func languageModel(_ item: Oracle.LanguageModel) throws -> Network {
    Threads.useOneThread()
    let embedding = EmbeddingLayer(
      name: "embedding1", steps: 6, vocabulary: item.vocabulary, features: item.features,
      deviation: 1)
    let lstm = RecurrentLayer(
      name: "lstm1", inputShape: embedding.outputShape, unit: .lstm(forgetBias: 0),
      units: item.units, outputsAllSteps: true,
      initialization: try Initializations.named("torch-default", gain: 1))
    return Network(
      Model([
        embedding, lstm,
        DropoutLayer(name: "dropout1", inputShape: lstm.outputShape, rate: item.rate),
        try dense("dense1", lstm.outputShape, item.vocabulary, .identity),
      ]), loss: CrossEntropy(), batchSize: 4, isTrained: true)
  }

  @Test("a character model with dropout is PyTorch's, and a second gradient sees the same mask")
  func dropout() throws {
    let item = try TestSupport.oracle("noisy_networks_torch", as: Oracle.self).languageModel
    let network = try languageModel(item)
    write(item.tokens.joined().map(Float.init), to: network)
    for (index, label) in item.labels.joined().enumerated() { network.labels[index] = Int32(label) }
    func lossAndGradient(_ step: Int) -> (Double, [Float]) {
      var gradient = [Float](repeating: .nan, count: item.parameters.count)
      let loss = network.lossAndGradient(
        rows: 3, parameters: item.parameters, pass: pass(true, item.seed, step),
        gradient: &gradient)
      return (loss, gradient)
    }
    let first = lossAndGradient(item.step)
    #expect(abs(first.0 - item.loss) < 1e-6)
    #expect(relativeDistance(first.1.map(Double.init), from: item.gradient) < 1e-6)
    let other = lossAndGradient(item.step + 1)
    #expect(other.0 != first.0)
    let evaluation = network.evaluate(
      rows: 3, parameters: item.parameters, pass: pass(false, item.seed, 0))
    #expect(abs(evaluation.loss / 18 - item.evaluationLoss) < 1e-6)
    let second = lossAndGradient(item.step)
    #expect(second.0 == first.0 && second.1 == first.1)
  }

  @Test(
    "dropout drops the share it is asked to and keeps the mean", arguments: [0.0, 0.1, 0.5, 0.9])
  func rate(rate: Double) {
    let layer = DropoutLayer(name: "dropout1", inputShape: [1000], rate: rate)
    let computation = layer.makeComputation(
      at: LayerPlace(
        path: "dropout1", parameterOffset: 0, bufferPosition: 0, batchSize: 40, isTrained: true,
        needsInputGradient: true))
    let ones = [Float](repeating: 1, count: 40_000 + activationSlack)
    computation.forward(input: ones, rows: 40, parameters: ones, pass: pass(true, 1, 0))
    let values = UnsafeBufferPointer(start: computation.output, count: 40_000)
    let dropped = Double(values.count { $0 == 0 }) / 40_000
    #expect(abs(dropped - rate) < 4 * (rate * (1 - rate) / 40_000).squareRoot() + 1e-12)
    let scale = Float(1 / (1 - rate))
    #expect(values.allSatisfy { $0 == 0 || $0 == scale })
  }

  @Test("a token that is not in the vocabulary traps with its id")
  func unknownToken() async {
    await #expect(processExitsWith: .failure) {
      let layer = EmbeddingLayer(
        name: "embedding1", steps: 1, vocabulary: 3, features: 2, deviation: 1)
      let computation = layer.makeComputation(
        at: LayerPlace(
          path: "embedding1", parameterOffset: 0, bufferPosition: 0, batchSize: 1, isTrained: false,
          needsInputGradient: false))
      computation.forward(
        input: [3], rows: 1, parameters: [Float](repeating: 0, count: 6),
        pass: Pass(
          isTraining: false, seed: 0, step: 0, buffers: .empty, updatesStatistics: false))
    }
  }

  @Test("layers of a file infer their sizes from the data, and say what does not fit")
  func definitions() throws {
    func definition(_ kind: String, _ given: [String: SettingValue]) throws -> any LayerDefinition {
      let entry = try #require(Layers.catalog.entry(named: kind))
      return try entry.make(Hyperparameters(entry.hyperparameters, given: given))
    }
    let model = try Model(
      [
        try definition("embedding", ["features": .integer(5)]),
        try definition("gru", ["units": .integer(4), "output": .text("all")]),
        try definition("dropout", ["rate": .number(0.3)]), try definition("dense", [:]),
      ], inputShape: [9], outputs: 11)
    #expect(model.outputShape == [9, 11])
    #expect(model.layout.tensors[0].name == "embedding1.weight")
    #expect(model.layout.tensors[0].shape == [11, 5])
    #expect(model.layout.tensors[0].role == .embedding)
    let table = model.initialParameters(seed: 1)[..<55]
    #expect(table.allSatisfy { abs($0) < 5 } && table.contains { abs($0) > 1 })
    let sampling = try definition("gaussian-sampling", [:])
    #expect(try Model([sampling], inputShape: [6], outputs: 2).outputShape == [3])
    #expect(throws: ShapeMismatch.self) { try Model([sampling], inputShape: [5], outputs: 2) }
    let embedding = try definition("embedding", [:])
    #expect(throws: ShapeMismatch.self) { try Model([embedding], inputShape: [5, 2], outputs: 2) }
  }
}
