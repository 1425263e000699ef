import Networks
import Tensors
import TestSupport
import Testing

@Suite("Gradients")
struct GradientTests {
  /// Widths and batch sizes below, at and above the sixteen lanes of a kernel.
  static let shapes: [(widths: [Int], rows: Int)] = [
    ([3, 2], 1), ([5, 7, 3], 4), ([4, 16, 16], 3), ([6, 17, 10], 5), ([2, 33, 15, 4], 2),
    ([2, 81, 2], 3), ([3, 70, 2], 2), ([1, 1, 1], 1),
  ]

  @Test(
    "equal the finite differences of the formulas in Double",
    arguments: Activation.allCases, Self.shapes.indices)
  func agreeWithFiniteDifferences(activation: Activation, shape: Int) throws {
    for loss in bothLosses {
      let (widths, rows) = Self.shapes[shape]
      let count = zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 + $1.1 }
      let parameters = normals(count, seed: 7, scale: 0.6)
      let inputs = normals(rows * widths[0], seed: 8).rows(of: widths[0])
      let labels = (0..<rows).map { ($0 * 5 + 1) % widths[widths.count - 1] }

      let reference = ReferenceNetwork(
        widths: widths, activation: activation, usesCrossEntropy: loss is CrossEntropy)
      let exactInputs = inputs.map { $0.map(Double.init) }
      let function = { (point: [Double]) in
        reference.loss(point, inputs: exactInputs, labels: labels)
      }
      let point = parameters.map(Double.init)
      let expected = centralDifferences(of: function, at: point)

      let fixture = try NetworkFixture(
        widths: widths, activation: activation, loss: loss, parameters: parameters,
        batchSize: rows + 2)
      let (value, gradient) = fixture.lossAndGradient(inputs: inputs, labels: labels)
      #expect(abs(value - function(point)) <= 2e-6 * max(1, abs(value)))
      #expect(relativeDistance(gradient.map(Double.init), from: expected) < 5e-6)
      for tensor in fixture.network.model.layout.tensors {
        let range = tensor.offset..<tensor.offset + tensor.count
        let distance = relativeDistance(
          gradient[range].map(Double.init), from: Array(expected[range]))
        #expect(distance < 2e-5, "\(tensor.name)")
      }
    }
  }

  @Test("repeat bit for bit, and evaluation between two passes changes nothing")
  func repeatExactly() throws {
    let widths = [6, 20, 4]
    let parameters = normals(6 * 20 + 20 + 20 * 4 + 4, seed: 1)
    let inputs = normals(5 * 6, seed: 2).rows(of: 6)
    let labels = [0, 1, 2, 3, 0]
    let fixture = try NetworkFixture(
      widths: widths, activation: .tanh, loss: CrossEntropy(), parameters: parameters, batchSize: 5)
    let first = fixture.lossAndGradient(inputs: inputs, labels: labels)
    _ = fixture.evaluate(inputs: normals(5 * 6, seed: 3).rows(of: 6), labels: [3, 3, 3, 3, 3])
    let second = fixture.lossAndGradient(inputs: inputs, labels: labels)
    #expect(first.loss == second.loss)
    #expect(first.gradient == second.gradient)
    #expect(fixture.evaluate(inputs: inputs, labels: labels).loss == first.loss)
  }

  @Test("of a smaller batch do not depend on what an earlier, larger batch left behind")
  func smallerBatch() throws {
    let parameters = normals(4 * 9 + 9 + 9 * 3 + 3, seed: 4)
    let inputs = normals(6 * 4, seed: 5).rows(of: 4)
    let labels = [0, 1, 2, 2, 1, 0]
    let used = try NetworkFixture(
      widths: [4, 9, 3], activation: .relu, loss: MeanSquaredError(), parameters: parameters,
      batchSize: 6)
    let fresh = try NetworkFixture(
      widths: [4, 9, 3], activation: .relu, loss: MeanSquaredError(), parameters: parameters,
      batchSize: 2)
    _ = used.lossAndGradient(inputs: inputs, labels: labels)
    let a = used.lossAndGradient(inputs: Array(inputs[..<2]), labels: [0, 1])
    let b = fresh.lossAndGradient(inputs: Array(inputs[..<2]), labels: [0, 1])
    #expect(a.loss == b.loss)
    #expect(a.gradient == b.gradient)
  }
}
