import LinearAlgebra
import Networks
import Tensors
import Testing

@Suite("Activations")
struct ActivationTests {
  /// f at each x: the outputs of a layer with zero weights and the xs as biases.
  private func values(_ activation: Activation, at xs: [Float]) throws -> [Float] {
    Threads.useOneThread()
    let layer = DenseLayer(
      name: "dense1", inputShape: [1], outputs: xs.count, activation: activation,
      initialization: try Initializations.named("he-normal", gain: 1))
    let network = Network(
      Model([layer]), loss: MeanSquaredError(), batchSize: 1, isTrained: false)
    network.input[0] = 0
    let parameters = [Float](repeating: 0, count: xs.count) + xs
    _ = network.evaluate(rows: 1, parameters: parameters, pass: NetworkFixture.evaluation)
    return Array(UnsafeBufferPointer(start: network.lastOutputs, count: xs.count))
  }

  /// From −30 to 30 in small steps, and points near 0.
  private let points: [Float] =
    (-3000...3000).map { Float($0) / 100 } + [
      1e-3, -1e-3, 1e-6, -1e-6, 0.624_999, 0.625, 0.625_001,
    ]

  @Test("tanh and sigmoid are exact to a few units of the last place of Float")
  func accuracy() throws {
    let tanh = try values(.tanh, at: points)
    let sigmoid = try values(.sigmoid, at: points)
    for (index, x) in points.enumerated() {
      let y = Double(x)
      let exactTanh = 1 - 2 / (exponential(2 * y) + 1)
      #expect(abs(Double(tanh[index]) - exactTanh) <= 2e-7 * max(abs(exactTanh), 1e-9) + 1e-15)
      let exactSigmoid = 1 / (1 + exponential(-y))
      #expect(abs(Double(sigmoid[index]) - exactSigmoid) <= 3e-7 * exactSigmoid)
    }
  }

  @Test("saturate at the ends and let NaN through")
  func limits() throws {
    let xs: [Float] = [-.infinity, -1e30, -200, 200, 1e30, .infinity, .nan]
    let tanh = try values(.tanh, at: xs)
    #expect(Array(tanh.dropLast()) == [-1, -1, -1, 1, 1, 1])
    let sigmoid = try values(.sigmoid, at: xs)
    #expect(Array(sigmoid.dropLast()) == [0, 0, 0, 1, 1, 1])
    let relu = try values(.relu, at: xs)
    #expect(Array(relu.dropLast()) == [0, 0, 0, 200, 1e30, .infinity])
    for last in [tanh, sigmoid, relu].map(\.last) { #expect(last?.isNaN == true) }
  }
}
