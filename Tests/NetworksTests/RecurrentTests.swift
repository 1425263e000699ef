import Networks
import Settings
import Tensors
import TestSupport
import Testing

@Suite("Recurrent layers")
struct RecurrentTests {
  /// What PyTorch computes; made by scripts/oracles/recurrent_torch.py.
  private struct Oracle: Decodable {
    struct Exact: Decodable {
      let loss: Double
      let gradient: [Double]
    }
    struct Single: Decodable {
      let loss: Double
      let gradientError: Double
    }
    struct Case: Decodable {
      let kind: String
      let activation: String
      let steps: Int
      let features: Int
      let units: Int
      let rows: Int
      let layers: Int
      let output: String
      let classes: Int
      let parameters: [Float]
      let inputs: [Float]
      let labels: [Int]
      let float64: Exact
      let float32: Single
      let hiddenGradientNorms: [Double]

      var shape: ReferenceRecurrentNetwork {
        ReferenceRecurrentNetwork(
          kind: kind, isRectified: activation == "relu", steps: steps, features: features,
          units: units, layers: layers, outputsAllSteps: output == "all", classes: classes)
      }
    }
    let cases: [Case]
  }

  @Test("have PyTorch's loss, gradient and gradients at the hidden states of each time step")
  func torch() throws {
    let cases = try TestSupport.oracle("recurrent_torch", as: Oracle.self).cases
    #expect(cases.count == 24)
    for item in cases {
      let label: Comment = "\(item.kind) \(item.activation) \(item.units) \(item.output)"
      let fixture = try RecurrentFixture(
        item.shape, parameters: item.parameters, batchSize: item.rows + 1)
      let (loss, gradient) = fixture.lossAndGradient(inputs: item.inputs, labels: item.labels)
      let room = 2 * abs(item.float32.loss - item.float64.loss) + 1e-6
      #expect(abs(loss - item.float64.loss) <= room, label)
      let error = relativeDistance(gradient.map(Double.init), from: item.float64.gradient)
      #expect(error <= 2 * item.float32.gradientError + 5e-7, label)
      let norms = try #require(fixture.network.hiddenGradientNorms(ofLayer: 0))
      #expect(relativeDistance(norms, from: item.hiddenGradientNorms) < 2e-6, label)
      #expect(fixture.network.hiddenGradientNorms(ofLayer: item.layers) == nil)
    }
  }

  @Test(
    "have the finite differences of the formulas in Double as gradients",
    arguments: [("elman", false), ("elman", true), ("gru", false), ("lstm", false)],
    [
      (steps: 1, features: 2, units: 3, layers: 1, rows: 1, all: false),
      (steps: 5, features: 1, units: 16, layers: 1, rows: 3, all: false),
      (steps: 4, features: 3, units: 6, layers: 2, rows: 2, all: true),
      (steps: 3, features: 2, units: 17, layers: 1, rows: 1, all: true),
    ])
  func finiteDifferences(
    unit: (String, Bool),
    shape: (steps: Int, features: Int, units: Int, layers: Int, rows: Int, all: Bool)
  ) throws {
    let reference = ReferenceRecurrentNetwork(
      kind: unit.0, isRectified: unit.1, steps: shape.steps, features: shape.features,
      units: shape.units, layers: shape.layers, outputsAllSteps: shape.all, classes: 2)
    let parameters = normals(reference.parameterCount, seed: 21, scale: 0.5)
    let inputs = normals(shape.rows * shape.steps * shape.features, seed: 22)
    let labels = (0..<shape.rows * (shape.all ? shape.steps : 1)).map { $0 % 2 }
    let fixture = try RecurrentFixture(reference, parameters: parameters, batchSize: shape.rows)
    let (loss, gradient) = fixture.lossAndGradient(inputs: inputs, labels: labels)
    let exact = inputs.map(Double.init)
    let width = shape.steps * shape.features
    let rows = (0..<shape.rows).map { Array(exact[$0 * width..<($0 + 1) * width]) }
    let function = { (point: [Double]) in reference.loss(point, inputs: rows, labels: labels) }
    let point = parameters.map(Double.init)
    #expect(abs(loss - function(point)) < 2e-6)
    let expected = centralDifferences(of: function, at: point)
    #expect(relativeDistance(gradient.map(Double.init), from: expected) < 5e-6)
  }

  private static let sequence = ReferenceRecurrentNetwork(
    kind: "lstm", isRectified: false, steps: 4, features: 3, units: 18, layers: 2,
    outputsAllSteps: true, classes: 3)

  @Test(
    "give the same bits again, and for a smaller batch what a fresh network gives",
    arguments: ["elman", "gru", "lstm"], [false, true])
  func repeatExactly(kind: String, all: Bool) throws {
    let shape = ReferenceRecurrentNetwork(
      kind: kind, isRectified: false, steps: 4, features: 3, units: 18, layers: 2,
      outputsAllSteps: all, classes: 3)
    let parameters = normals(shape.parameterCount, seed: 3, scale: 0.4)
    let inputs = normals(5 * 12, seed: 4)
    let labels = (0..<5 * (all ? 4 : 1)).map { $0 % 3 }
    let used = try RecurrentFixture(shape, parameters: parameters, batchSize: 5)
    let first = used.lossAndGradient(inputs: inputs, labels: labels)
    let few = (Array(inputs[..<24]), Array(labels[..<(2 * (all ? 4 : 1))]))
    let fewer = used.lossAndGradient(inputs: few.0, labels: few.1)
    let fresh = try RecurrentFixture(shape, parameters: parameters, batchSize: 2)
    let expected = fresh.lossAndGradient(inputs: few.0, labels: few.1)
    #expect(fewer.loss == expected.loss && fewer.gradient == expected.gradient)
    let second = used.lossAndGradient(inputs: inputs, labels: labels)
    #expect(first.loss == second.loss && first.gradient == second.gradient)
    // Without gradients the gates of one time step at a time are in memory.
    let evaluator = try RecurrentFixture(
      shape, parameters: parameters, batchSize: 5, isTrained: false)
    #expect(abs(evaluator.evaluate(inputs: inputs, labels: labels) - first.loss) < 1e-6)
  }

  @Test("let NaN in a weight reach loss and gradient")
  func nan() throws {
    let shape = Self.sequence
    var parameters = normals(shape.parameterCount, seed: 3, scale: 0.4)
    parameters[0] = .nan
    let fixture = try RecurrentFixture(shape, parameters: parameters, batchSize: 1)
    let (loss, gradient) = fixture.lossAndGradient(
      inputs: normals(12, seed: 4), labels: [0, 1, 2, 0])
    #expect(loss.isNaN && gradient.contains { $0.isNaN })
  }

  @Test("start as PyTorch's with torch-default, and with the forget bias that is asked for")
  func initialValues() throws {
    let rule = try Initializations.named("torch-default", gain: 1)
    func values(_ unit: RecurrentUnit) -> [Float] {
      Model([
        RecurrentLayer(
          name: "lstm1", inputShape: [7, 2], unit: unit, units: 25, outputsAllSteps: false,
          initialization: rule)
      ]).initialParameters(seed: 1)
    }
    let plain = values(.lstm(forgetBias: 0))
    #expect(plain.count == 100 * (2 + 25 + 2))
    #expect(plain.allSatisfy { abs($0) <= 0.2 } && plain.contains { abs($0) > 0.19 })
    let open = values(.lstm(forgetBias: 1.5))
    let differing = plain.indices.filter { plain[$0] != open[$0] }
    #expect(differing == Array(100 * 27 + 25..<100 * 27 + 50))
    #expect(differing.allSatisfy { abs(open[$0] - plain[$0] - 1.5) < 1e-6 })
  }

  @Test("are listed with their options, and say what they need instead of features or an image")
  func definitions() throws {
    for kind in ["elman", "gru", "lstm"] {
      let entry = try #require(Layers.catalog.entry(named: kind))
      let definition = try entry.make(
        Hyperparameters(
          entry.hyperparameters, given: ["units": .integer(6), "output": .text("all")]))
      let model = try Model([definition, definition], inputShape: [5, 3], outputs: 2)
      #expect(model.outputShape == [5, 6])
      #expect(model.layout.tensors[4].name == "\(kind)2.weight_ih")
      let error = #expect(throws: ShapeMismatch.self) {
        try Model([definition], inputShape: [8], outputs: 2)
      }
      #expect(error?.description.contains("[time, features], but gets 8") == true)
    }
  }
}
