import Networks
import Settings
import Testing

@testable import Problems

@Suite("Convolutional models")
struct ConvolutionalModelTests {
  private func model(_ text: String, _ shape: [Int], outputs: Int) throws -> Model {
    let setting = try Setting.parse(text, file: "model")
    return try Models.catalog.make(Models.catalog.choice(at: setting), at: setting)
      .makeModel(exampleShape: shape, outputs: outputs)
  }

  @Test(
    "have the parameters that the published models have",
    arguments: [
      ("2c2d", [28, 28, 1], 10, 3_274_634), ("3c3d", [32, 32, 3], 10, 895_210),
      ("all-cnn-c", [32, 32, 3], 100, 1_387_108), ("article-cnn", [28, 28, 1], 10, 25_733_322),
    ])
  func sizes(name: String, shape: [Int], outputs: Int, parameters: Int) throws {
    let model = try model(name, shape, outputs: outputs)
    #expect(model.layout.count == parameters)
    #expect(model.outputShape == [outputs])
  }

  @Test("2c2d starts as DeepOBS starts it: cut-off normal weights and biases of 0.05")
  func initialValues() throws {
    let model = try model("2c2d", [28, 28, 1], outputs: 10)
    let values = model.initialParameters(seed: 1)
    for tensor in model.layout.tensors {
      let part = values[tensor.offset..<tensor.offset + tensor.count]
      if tensor.role == .bias {
        #expect(part.allSatisfy { $0 == 0.05 })
      } else {
        #expect(part.allSatisfy { abs($0) <= 0.1 })
        let variance = part.reduce(0) { $0 + Double($1 * $1) } / Double(part.count)
        #expect(abs(variance / (0.0025 * 0.774) - 1) < 0.1, "\(tensor.name)")
      }
    }
    let plain = try self.model("{name: 2c2d, bias: null}", [28, 28, 1], outputs: 10)
    #expect(plain.initialParameters(seed: 1)[800..<832].allSatisfy { $0 == 0 })
  }

  @Test("refuse images that are too small, naming layer and sizes")
  func tooSmall() {
    let error = #expect(throws: ShapeMismatch.self) {
      try model("3c3d", [8, 8, 1], outputs: 10)
    }
    #expect(error?.description.contains("layer 3 (convolution)") == true)
    #expect(error?.description.contains("3 pixels does not fit 2 pixels") == true)
  }
}
