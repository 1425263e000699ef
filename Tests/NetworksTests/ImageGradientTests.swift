import Networks
import Tensors
import TestSupport
import Testing

@Suite("Gradients of image networks")
struct ImageGradientTests {
  /// The most parameters of a network whose gradient is checked one by one.
  private static let mostChecked = 60

  @Test("equal the finite differences of the formulas in Double")
  func agreeWithFiniteDifferences() throws {
    for item in try ConvolutionOracle.read().cases {
      let fixture = try item.fixture(batchSize: item.rows + 1)
      let (value, gradient) = fixture.lossAndGradient(inputs: item.inputs, labels: item.labels)
      let reference = ReferenceImageNetwork(model: fixture.network.model)
      let inputs = item.inputs.map(Double.init)
      let examples = stride(from: 0, to: inputs.count, by: inputs.count / item.rows).map {
        Array(inputs[$0..<$0 + inputs.count / item.rows])
      }
      let point = item.parameters.map(Double.init)
      #expect(
        abs(value - reference.loss(point, inputs: examples, labels: item.labels)) < 3e-6 * value,
        "\(item.name)")
      let scale = gradient.map { abs(Double($0)) }.max() ?? 0
      // A step coprime to the usual sizes meets every tensor and every place of a window.
      let step = point.count / Self.mostChecked * 2 + 1
      for index in stride(from: 0, to: point.count, by: step) {
        let difference = centralDifferences(
          of: { (moved: [Double]) in
            var parameters = point
            parameters[index] = moved[0]
            return reference.loss(parameters, inputs: examples, labels: item.labels)
          }, at: [point[index]])
        #expect(
          abs(Double(gradient[index]) - difference[0]) < 1e-5 * scale + 1e-7,
          "\(item.name), parameter \(index)")
      }
    }
  }

  private static let layers = [
    "{name: convolution, channels: 18, window: 3, padding: same, activation: relu}",
    "{name: max-pool}", "{name: batch-norm}",
    "{name: convolution, channels: 5, window: 2, stride: 2, groups: 1, activation: tanh}",
    "{name: average-pool, window: 2, stride: 1}", "{name: flatten}", "{name: dense}",
  ]

  @Test("of a smaller batch do not depend on what an earlier, larger batch left behind")
  func smallerBatch() throws {
    let inputs = normals(6 * 9 * 8 * 2, seed: 3)
    let labels = [0, 1, 2, 2, 1, 0]
    let used = try ImageNetworkFixture(Self.layers, inputShape: [9, 8, 2], batchSize: 6)
    _ = used.lossAndGradient(inputs: inputs, labels: labels)
    for rows in [5, 1, 2] {
      let fresh = try ImageNetworkFixture(Self.layers, inputShape: [9, 8, 2], batchSize: rows)
      let part = Array(inputs[..<(rows * 9 * 8 * 2)])
      let a = used.lossAndGradient(inputs: part, labels: Array(labels[..<rows]))
      let b = fresh.lossAndGradient(inputs: part, labels: Array(labels[..<rows]))
      #expect(a.loss == b.loss)
      #expect(a.gradient == b.gradient)
    }
  }

  @Test("repeat bit for bit, and change the running statistics only where that is asked for")
  func repeatExactly() throws {
    let inputs = normals(4 * 9 * 8 * 2, seed: 4)
    let labels = [0, 1, 2, 1]
    let fixture = try ImageNetworkFixture(Self.layers, inputShape: [9, 8, 2], batchSize: 4)
    let start = fixture.buffers.arrays.map(\.values)
    let first = fixture.lossAndGradient(inputs: inputs, labels: labels, updatesStatistics: false)
    _ = fixture.evaluate(inputs: inputs, labels: labels)
    #expect(fixture.buffers.arrays.map(\.values) == start)
    let second = fixture.lossAndGradient(inputs: inputs, labels: labels)
    #expect(first.loss == second.loss)
    #expect(first.gradient == second.gradient)
    #expect(fixture.buffers.arrays.map(\.values) != start)
  }

  @Test("let a NaN through to the loss")
  func nanFlows() throws {
    var inputs = normals(2 * 9 * 8 * 2, seed: 5)
    inputs[9 * 8 + 3] = .nan
    let fixture = try ImageNetworkFixture(Self.layers, inputShape: [9, 8, 2], batchSize: 2)
    #expect(fixture.lossAndGradient(inputs: inputs, labels: [0, 1]).loss.isNaN)
  }

  @Test("batch norm of a single value gives the bias, no gradient, and keeps the running variance")
  func singleValue() throws {
    let fixture = try ImageNetworkFixture(
      ["{name: dense, outputs: 4}", "{name: batch-norm}", "{name: dense}"], inputShape: [3],
      batchSize: 2)
    let before = fixture.buffers.arrays[1].values
    let result = fixture.lossAndGradient(inputs: [1, 2, 3], labels: [1])
    #expect(result.loss.isFinite)
    #expect(result.gradient[..<16].allSatisfy { $0 == 0 })
    #expect(fixture.buffers.arrays[1].values == before)
    #expect(fixture.buffers.arrays[0].values != [0, 0, 0, 0])
  }
}
