import Foundation
import Networks
import TestSupport
import Testing

/// What PyTorch computes; made by scripts/oracles/networks_torch.py.
struct TorchOracle: Decodable {
  struct Result: Decodable {
    let loss: Double
    let gradient: [Double]
  }
  struct Case: Decodable {
    let widths: [Int]
    let activation: String
    let loss: String
    let parameters: [Float]
    let inputs: [[Float]]
    let labels: [Int]
    let float64: Result
    let float32: Result
    let correct: Int
  }
  struct Row: Decodable {
    let outputs: [String]
    let label: Int32
    let loss: String
    let gradient: [String]
  }
  let cases: [Case]
  let infinite: [Row]

  static func read() throws -> TorchOracle {
    try JSONDecoder().decode(
      TorchOracle.self, from: Data(contentsOf: oracle("networks_torch.json")))
  }
}

/// A file beside the tests.
func oracle(_ name: String, from file: String = #filePath) -> URL {
  URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Oracles/\(name)")
}

@Suite("Against PyTorch")
struct TorchOracleTests {
  @Test("losses, gradients and right answers of small networks are PyTorch's")
  func networks() throws {
    let oracle = try TorchOracle.read()
    #expect(oracle.cases.count == 40)
    for item in oracle.cases {
      let activation = try #require(Activation(rawValue: item.activation))
      let loss = try #require(bothLosses.first { $0.name == item.loss })
      let fixture = try NetworkFixture(
        widths: item.widths, activation: activation, loss: loss, parameters: item.parameters,
        batchSize: item.labels.count)
      let result = fixture.lossAndGradient(inputs: item.inputs, labels: item.labels)
      let exact = item.float64
      let label = "\(item.widths) \(item.activation) \(item.loss)"
      // Twice PyTorch's own rounding in float32, and a few units of the last place.
      let room = 2 * abs(item.float32.loss - exact.loss) + 1e-6 * max(1, exact.loss)
      #expect(abs(result.loss - exact.loss) <= room, "\(label)")
      let torchError = relativeDistance(item.float32.gradient, from: exact.gradient)
      let error = relativeDistance(result.gradient.map(Double.init), from: exact.gradient)
      #expect(error <= 2 * torchError + 5e-7, "\(label)")
      let evaluation = fixture.evaluate(inputs: item.inputs, labels: item.labels)
      #expect(evaluation.correct == item.correct, "\(label)")
      #expect(evaluation.loss == result.loss, "\(label)")
    }
  }

  @Test("cross-entropy of infinite, NaN and huge outputs is PyTorch's")
  func infinite() throws {
    let rows = try TorchOracle.read().infinite
    #expect(rows.count == 12)
    for row in rows {
      let outputs = try row.outputs.map { try #require(Float($0)) }
      let slack = [Float](repeating: .nan, count: activationSlack)
      var gradient = [Float](repeating: 0, count: outputs.count + activationSlack)
      let loss = withUnsafePointer(to: row.label) { label in
        CrossEntropy().sum(
          outputs: outputs + slack, targets: .classes(label), rows: 1, width: outputs.count,
          gradient: &gradient)
      }
      #expect(isSame(loss, try #require(Double(row.loss))), "\(row)")
      for (value, text) in zip(gradient, row.gradient) {
        #expect(isSame(Double(value), try #require(Double(text))), "\(row)")
      }
    }
  }

  private func isSame(_ a: Double, _ b: Double) -> Bool {
    if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
    return a == b || abs(a - b) <= 1e-6 * max(1, abs(b))
  }
}
