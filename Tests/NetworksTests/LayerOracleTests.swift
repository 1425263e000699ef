import Networks
import Settings
import Tensors
import TestSupport
import Testing

@Suite("Layers and losses against PyTorch")
struct LayerOracleTests {
  /// What PyTorch computes; made by scripts/oracles/layers_torch.py.
  private struct Oracle: Decodable {
    struct Case: Decodable {
      let layers: String
      let shape: [Int]
      let parameters: [Float]
      let inputs: [Float]
      let values: [Float]
      let rows: Int
      let loss: Double
      let gradient: [Double]
      let lossError: Double
      let gradientError: Double
    }
    struct SingleLoss: Decodable {
      let definition: String
      let outputs: [Float]
      let width: Int
      let labels: [Int32]?
      let values: [Float]?
      let loss: Double
      let gradient: [Double]
      let lossError: Double
      let gradientError: Double
    }
    struct Row: Decodable {
      let definition: String
      let outputs: [String]
      let label: Int32
      let loss: String
      let gradient: [String]
    }
    let layers: [Case]
    let losses: [SingleLoss]
    let infinite: [Row]
  }

  @Test("losses and gradients of listed layers are PyTorch's")
  func layers() throws {
    let cases = try oracle("layers_torch", as: Oracle.self).layers
    #expect(cases.count == 44)
    for item in cases {
      let fixture = try LayerFixture(
        item.layers, inputShape: item.shape, parameters: item.parameters, batchSize: item.rows)
      #expect(fixture.network.model.layout.count == item.parameters.count, "\(item.layers)")
      let result = fixture.lossAndGradient(
        inputs: item.inputs, values: item.values, rows: item.rows)
      // Twice PyTorch's own rounding in float32, and a few units of the last place.
      #expect(
        abs(result.loss - item.loss) <= 2 * item.lossError + 1e-6 * max(1, item.loss),
        "\(item.layers)")
      let error = relativeDistance(result.gradient.map(Double.init), from: item.gradient)
      #expect(error <= 2 * item.gradientError + 5e-7, "\(item.layers)")
    }
  }

  private func loss(_ definition: String) throws -> any Loss {
    let setting = try Setting.parse(definition, file: "test")
    return try Losses.catalog.make(Losses.catalog.choice(at: setting), at: setting)
  }

  /// The mean loss of the rows and its gradient.
  private func result(
    _ loss: any Loss, _ outputs: [Float], _ targets: Targets, width: Int
  ) -> (loss: Double, gradient: [Float]) {
    let rows = outputs.count / width
    var gradient = [Float](repeating: 0, count: outputs.count + activationSlack)
    let sum = loss.sum(
      outputs: outputs + [Float](repeating: .nan, count: activationSlack), targets: targets,
      rows: rows, width: width, gradient: &gradient)
    return (sum / Double(rows), Array(gradient.dropLast(activationSlack)))
  }

  @Test("losses of classes and of values are PyTorch's")
  func losses() throws {
    let cases = try oracle("layers_torch", as: Oracle.self).losses
    #expect(cases.count == 40)
    for item in cases {
      let loss = try loss(item.definition)
      let slack = [Float](repeating: .nan, count: activationSlack)
      let actual =
        if let labels = item.labels {
          labels.withUnsafeBufferPointer { labels in
            labels.baseAddress.map {
              result(loss, item.outputs, .classes($0), width: item.width)
            }
          }
        } else {
          ((item.values ?? []) + slack).withUnsafeBufferPointer { values in
            values.baseAddress.map { result(loss, item.outputs, .values($0), width: item.width) }
          }
        }
      let found = try #require(actual)
      #expect(
        abs(found.loss - item.loss) <= 2 * item.lossError + 1e-6 * max(1, item.loss),
        "\(item.definition)")
      let error = relativeDistance(found.gradient.map(Double.init), from: item.gradient)
      #expect(error <= 2 * item.gradientError + 5e-7, "\(item.definition) \(item.width)")
    }
  }

  @Test("losses of infinite, NaN and huge outputs are PyTorch's")
  func infinite() throws {
    let rows = try oracle("layers_torch", as: Oracle.self).infinite
    #expect(rows.count == 8)
    for row in rows {
      let outputs = try row.outputs.map { try #require(Float($0)) }
      let found = withUnsafePointer(to: row.label) { label in
        try? result(loss(row.definition), outputs, .classes(label), width: outputs.count)
      }
      let actual = try #require(found)
      let expected = try #require(Double(row.loss))
      #expect(isClose(actual.loss, expected, relative: 1e-6), "\(row)")
      // Where the loss is infinite, so are its gradient's parts in PyTorch or not, by rounding.
      for (value, text) in zip(actual.gradient, row.gradient) {
        #expect(
          isClose(Double(value), try #require(Double(text)), relative: 1e-6, absolute: 1e-7),
          "\(row)")
      }
    }
  }

  @Test("label smoothing of 0 is plain cross-entropy, bit for bit")
  func withoutSmoothing() throws {
    let outputs = normals(5 * 21, seed: 3, scale: 3)
    let labels: [Int32] = [0, 20, 7, 7, 15]
    let plain = labels.withUnsafeBufferPointer { labels in
      labels.baseAddress.map { result(CrossEntropy(), outputs, .classes($0), width: 21) }
    }
    for loss in [
      try loss("{name: cross-entropy, label_smoothing: 0}"),
      SmoothedCrossEntropy(labelSmoothing: 0),
    ] {
      let same = labels.withUnsafeBufferPointer { labels in
        labels.baseAddress.map { result(loss, outputs, .classes($0), width: 21) }
      }
      #expect(same?.loss == plain?.loss)
      #expect(same?.gradient == plain?.gradient)
    }
    #expect(try loss("cross-entropy") is any ProbabilisticLoss)
    #expect(!(try loss("{name: cross-entropy, label_smoothing: 0.1}") is any ProbabilisticLoss))
  }
}
