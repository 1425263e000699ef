import Foundation
import Networks
import TestSupport
import Testing

/// What PyTorch computes; made by scripts/oracles/convolution_torch.py.
struct ConvolutionOracle: Decodable {
  struct Case: Decodable {
    let name: String
    let shape: [Int]
    let rows: Int
    let layers: [String]
    let parameters: [Float]
    let inputs: [Float]
    let labels: [Int]
    let loss: Double
    let singleLoss: Double
    let gradient: [Double]
    let singleGradient: [Double]
    let outputs: [Double]
    let statistics: [[Double]]
    let evaluated: [Double]

    var outputCount: Int { outputs.count / rows }

    func fixture(batchSize: Int? = nil) throws -> ImageNetworkFixture {
      try ImageNetworkFixture(
        layers, inputShape: shape, outputs: outputCount, parameters: parameters,
        batchSize: batchSize ?? rows)
    }
  }
  struct Maximum: Decodable {
    let x: [String]
    let window: Int
    let stride: Int
    let padding: Int
    let y: [String]
    let gradient: [Float]
  }
  let cases: [Case]
  let maxima: [Maximum]

  static func read() throws -> ConvolutionOracle { try oracle("convolution_torch") }
}

@Suite("Image networks against PyTorch")
struct ConvolutionOracleTests {
  @Test("losses, outputs, gradients and running statistics are PyTorch's")
  func networks() throws {
    let oracle = try ConvolutionOracle.read()
    #expect(oracle.cases.count == 25)
    for item in oracle.cases {
      let fixture = try item.fixture()
      let result = fixture.lossAndGradient(inputs: item.inputs, labels: item.labels)
      // Twice PyTorch's own rounding in float32, and a few units of the last place.
      let room = 2 * abs(item.singleLoss - item.loss) + 2e-6 * max(1, item.loss)
      #expect(abs(result.loss - item.loss) <= room, "\(item.name)")
      #expect(
        relativeDistance(fixture.outputs(rows: item.rows), from: item.outputs) < 2e-6,
        "\(item.name)")
      let torchError = relativeDistance(item.singleGradient, from: item.gradient)
      let error = relativeDistance(result.gradient.map(Double.init), from: item.gradient)
      #expect(error <= 2 * torchError + 1e-6, "\(item.name): \(error)")
      for tensor in fixture.network.model.layout.tensors {
        let range = tensor.offset..<tensor.offset + tensor.count
        let expected = Array(item.gradient[range])
        // Of biases and weights before a batch norm the gradient is 0 but for rounding.
        let scale = expected.map(abs).max() ?? 0
        for (value, exact) in zip(result.gradient[range], expected) {
          #expect(abs(Double(value) - exact) <= 2e-5 * scale + 1e-6, "\(item.name) \(tensor.name)")
        }
      }
      #expect(fixture.buffers.arrays.count == item.statistics.count)
      for (array, expected) in zip(fixture.buffers.arrays, item.statistics) {
        #expect(relativeDistance(array.values.map(Double.init), from: expected) < 1e-6)
      }
      _ = fixture.evaluate(inputs: item.inputs, labels: item.labels)
      #expect(
        relativeDistance(fixture.outputs(rows: item.rows), from: item.evaluated) < 2e-6,
        "\(item.name), evaluated")
    }
  }

  @Test("a maximum of ties, infinities and NaN and its gradient are PyTorch's")
  func maxima() throws {
    let oracle = try ConvolutionOracle.read()
    #expect(oracle.maxima.count == 12)
    for item in oracle.maxima {
      let inputs = try item.x.map { try #require(Float($0)) }
      // A factor of 1 before it gives the pool a gradient at its input to hand on.
      let layers = [
        "{name: batch-norm}",
        "{name: max-pool, window: \(item.window), stride: \(item.stride), padding: \(item.padding)}",
        "{name: flatten}",
      ]
      let model = try ImageNetworkFixture.model(layers, inputShape: [3, 3, 1])
      let pool = try #require(model.layers[1] as? PoolLayer).makeComputation(
        at: LayerPlace(
          path: "max-pool1", parameterOffset: 2, bufferPosition: 2, batchSize: 1, isTrained: true,
          needsInputGradient: true))
      let slack = [Float](repeating: 0, count: activationSlack)
      pool.forward(
        input: inputs + slack, rows: 1, parameters: [0], pass: NetworkFixture.training)
      for (index, text) in item.y.enumerated() {
        let expected = try #require(Float(text))
        #expect(
          pool.output[index] == expected || (pool.output[index].isNaN && expected.isNaN), "\(item)")
      }
      var flowing = (1...item.y.count).map { Float($0) } + slack
      var gradient: [Float] = [0]
      pool.backward(
        input: inputs + slack, rows: 1, parameters: [0], outputGradient: &flowing,
        gradient: &gradient, pass: NetworkFixture.training)
      let inputGradient = try #require(pool.inputGradient)
      #expect((0..<9).map { inputGradient[$0] } == item.gradient, "\(item)")
    }
  }
}
