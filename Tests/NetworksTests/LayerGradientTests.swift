import Networks
import Tensors
import TestSupport
import Testing

@Suite("Gradients of layers")
struct LayerGradientTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let layers: String
    let reference: [ReferenceLayer]
    let testDescription: String

    init(_ layers: String, _ reference: [ReferenceLayer]) {
      self.layers = layers
      self.reference = reference
      testDescription = layers
    }
  }

  /// Φ by its error function.
  private static func normal(_ x: Double) -> Double {
    complementaryErrorFunction(-x / 2.0.squareRoot()) / 2
  }
  private static func tanh(_ x: Double) -> Double { 1 - 2 / (exponential(2 * x) + 1) }

  private static let gelu: ReferenceLayer = .activation { $0 * normal($0) }
  private static let geluByTanh: ReferenceLayer = .activation { x in
    x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }

  /// Each starts with a dense layer, whose gradient tells the one at the input of the rest.
  static let cases: [Case] = [
    Case("[{name: dense, outputs: 19}, relu]", [.dense(19), .activation { max($0, 0) }]),
    Case(
      "[{name: dense, outputs: 5}, {name: leaky-relu, negative_slope: 0.2}]",
      [.dense(5), .activation { $0 > 0 ? $0 : 0.2 * $0 }]),
    Case("[{name: dense, outputs: 16}, tanh]", [.dense(16), .activation { tanh($0) }]),
    Case(
      "[{name: dense, outputs: 3}, sigmoid]",
      [.dense(3), .activation { 1 / (1 + exponential(-$0)) }]
    ),
    Case("[{name: dense, outputs: 17}, gelu]", [.dense(17), gelu]),
    Case(
      "[{name: dense, outputs: 17}, {name: gelu, approximate: tanh}]", [.dense(17), geluByTanh]),
    Case(
      "[{name: dense, outputs: 33}, silu]",
      [.dense(33), .activation { $0 / (1 + exponential(-$0)) }]
    ),
    Case("[{name: dense, outputs: 7}, layer-norm]", [.dense(7), .layerNorm(epsilon: 1e-5)]),
    Case(
      "[{name: dense, outputs: 18}, {name: layer-norm, eps: 0.5}, tanh]",
      [.dense(18), .layerNorm(epsilon: 0.5), .activation { tanh($0) }]),
    Case("[{name: dense, outputs: 4}, positional-embedding]", [.dense(4), .positions]),
    Case(
      "[{name: dense, outputs: 6}, {name: attention, heads: 2}]",
      [.dense(6), .attention(heads: 2, causal: true)]),
    Case(
      "[{name: dense, outputs: 18}, {name: attention, heads: 1, causal: false}]",
      [.dense(18), .attention(heads: 1, causal: false)]),
    Case(
      "[{name: dense, outputs: 5}, {name: residual, layers: [{name: dense, outputs: 17}, tanh, "
        + "{name: dense, outputs: 5}]}, {name: dense, outputs: 2}]",
      [
        .dense(5), .residual([.dense(17), .activation { tanh($0) }, .dense(5)]), .dense(2),
      ]),
    Case(
      "[{name: dense, outputs: 6}, {name: transformer-block, heads: 3}, layer-norm]",
      [
        .dense(6), .residual([.layerNorm(epsilon: 1e-5), .attention(heads: 3, causal: true)]),
        .residual([.layerNorm(epsilon: 1e-5), .dense(24), gelu, .dense(6)]),
        .layerNorm(epsilon: 1e-5),
      ]),
    // Nothing stands before these: no gradient at the input is asked for.
    Case(
      "[{name: transformer-block, heads: 2, hidden: 3, causal: false}]",
      [
        .residual([.layerNorm(epsilon: 1e-5), .attention(heads: 2, causal: false)]),
        .residual([.layerNorm(epsilon: 1e-5), .dense(3), gelu, .dense(4)]),
      ]),
    Case(
      "[{name: residual, layers: [gelu, layer-norm]}, silu]",
      [
        .residual([gelu, .layerNorm(epsilon: 1e-5)]),
        .activation { $0 / (1 + exponential(-$0)) },
      ]),
  ]

  @Test("equal the finite differences of the formulas in Double", arguments: cases)
  func agreeWithFiniteDifferences(item: Case) throws {
    for (steps, rows) in [(1, 1), (3, 2)] {
      let shape = [steps, 4]
      let fixture = try LayerFixture(item.layers, inputShape: shape, batchSize: rows + 1)
      let model = fixture.network.model
      let inputs = normals(rows * steps * 4, seed: 8)
      let values = normals(rows * model.outputCount, seed: 9)
      let examples = inputs.map(Double.init)
      let function = { (point: [Double]) in
        var sum = 0.0
        for row in 0..<rows {
          let x = (0..<steps).map { Array(examples[((row * steps + $0) * 4)...].prefix(4)) }
          var parameters = point[...]
          let outputs = ReferenceLayer.chain(item.reference, x, &parameters).flatMap { $0 }
          #expect(parameters.isEmpty)
          for (output, value) in zip(outputs, values[(row * outputs.count)...]) {
            sum += (output - Double(value)) * (output - Double(value))
          }
        }
        return sum / Double(values.count)
      }
      let point = fixture.parameters.map(Double.init)
      let (loss, gradient) = fixture.lossAndGradient(inputs: inputs, values: values, rows: rows)
      #expect(abs(loss - function(point)) <= 3e-6 * max(1, abs(loss)))
      // One in seven of many parameters: each costs two passes of plain code.
      let chosen = point.indices.filter { point.count < 150 || $0 % 7 == 0 }
      let expected = chosen.map { index in
        var (above, below) = (point, point)
        above[index] += 1e-5
        below[index] -= 1e-5
        return (function(above) - function(below)) / (above[index] - below[index])
      }
      let distance = relativeDistance(chosen.map { Double(gradient[$0]) }, from: expected)
      #expect(distance < 1e-5, "\(shape), \(rows) rows")
    }
  }

  @Test("repeat bit for bit, and do not depend on an earlier, larger batch", arguments: cases)
  func smallerBatch(item: Case) throws {
    let used = try LayerFixture(item.layers, inputShape: [5, 4], batchSize: 3)
    let fresh = try LayerFixture(item.layers, inputShape: [5, 4], batchSize: 1)
    let count = used.network.model.outputCount
    let inputs = normals(3 * 20, seed: 5)
    let values = normals(3 * count, seed: 6)
    let first = used.lossAndGradient(inputs: inputs, values: values, rows: 3)
    let a = used.lossAndGradient(
      inputs: Array(inputs[..<20]), values: Array(values[..<count]), rows: 1)
    let b = fresh.lossAndGradient(
      inputs: Array(inputs[..<20]), values: Array(values[..<count]), rows: 1)
    #expect(relativeDistance(a.gradient.map(Double.init), from: b.gradient.map(Double.init)) < 1e-6)
    #expect(abs(a.loss - b.loss) < 1e-6 * max(1, b.loss))
    let again = used.lossAndGradient(inputs: inputs, values: values, rows: 3)
    #expect(again.loss == first.loss)
    #expect(again.gradient == first.gradient)
  }
}
