import Experiments
import Optimizers
import Problems
import Settings
import Tensors

/// One training step with Adam and a clipped global norm, whole and in parts.
struct TrainingRow {
  let name: String
  let summary: String
  let batchSize: Int
  /// The greatest median of the whole step, in seconds.
  let target: Double
  /// The greatest share of the step that recording may take.
  let recordingTarget: Double
  /// The products that a step cannot do without.
  let operations: [LayerOperation]
  /// The floats of all layers' inputs, outputs and gradients, for a row whose memory is measured.
  var activations = 0
  private let dataset: String
  private let model: String

  static let all = [
    perceptron(
      "1", [64, 64, 64, 10], batchSize: 32, target: 31e-6, recordingTarget: 0.08,
      dataset: "{name: digits, validation: 300}"),
    perceptron(
      "2", [784, 128, 10], batchSize: 64, target: 300e-6, recordingTarget: 0.05,
      dataset: fashionMNIST),
    perceptron(
      "3", [784, 512, 512, 10], batchSize: 128, target: 4.3e-3, recordingTarget: 0.05,
      dataset: fashionMNIST),
    TrainingRow(
      name: "4", summary: "2c2d of DeepOBS on 28×28, batch 128", batchSize: 128, target: 115e-3,
      recordingTarget: 0.05,
      operations: LayerOperation.convolution(
        rows: 128, size: 28, channels: 1, outputChannels: 32, window: 5, passesGradientOn: false)
        + LayerOperation.convolution(
          rows: 128, size: 14, channels: 32, outputChannels: 64, window: 5, passesGradientOn: true)
        + LayerOperation.dense(rows: 128, inputs: 3136, outputs: 1024, passesGradientOn: true)
        + LayerOperation.dense(rows: 128, inputs: 1024, outputs: 10, passesGradientOn: true),
      activations: 128 * (784 + 2 * (784 * 32 + 196 * 32 + 196 * 64 + 49 * 64 + 1024 + 10)),
      dataset: fashionMNIST, model: "2c2d"),
    TrainingRow(
      name: "5", summary: "article CNN on 28×28, batch 16", batchSize: 16, target: 125e-3,
      recordingTarget: 0.05,
      operations: LayerOperation.convolution(
        rows: 16, size: 28, channels: 1, outputChannels: 64, window: 3, passesGradientOn: false)
        + LayerOperation.convolution(
          rows: 16, size: 28, channels: 64, outputChannels: 64, window: 3, passesGradientOn: true)
        + LayerOperation.dense(rows: 16, inputs: 50176, outputs: 512, passesGradientOn: true)
        + LayerOperation.dense(rows: 16, inputs: 512, outputs: 10, passesGradientOn: true),
      activations: 16 * (784 + 2 * (784 * 64 + 784 * 64 + 512 + 10)), dataset: fashionMNIST,
      model: "article-cnn"),
    TrainingRow(
      name: "6", summary: "tanh RNN of 50 units, 100 time steps, batch 20", batchSize: 20,
      target: 1.3e-3, recordingTarget: 0.05,
      operations: LayerOperation.recurrent(rows: 20, steps: 100, inputs: 6, units: 50)
        + LayerOperation.dense(rows: 20, inputs: 50, outputs: 4, passesGradientOn: true),
      dataset: "{name: temporal-order, length: 100}", model: "{name: elman, units: 50}"),
  ]

  private static let fashionMNIST = "{name: fashion-mnist, validation: 5000}"

  /// The floats of an example, the hidden layers and the classes in `widths`.
  private static func perceptron(
    _ name: String, _ widths: [Int], batchSize: Int, target: Double, recordingTarget: Double,
    dataset: String
  ) -> TrainingRow {
    let hidden = widths.dropFirst().dropLast().map(String.init).joined(separator: ", ")
    return TrainingRow(
      name: name,
      summary: "MLP \(widths.map(String.init).joined(separator: "-")), batch \(batchSize)",
      batchSize: batchSize, target: target, recordingTarget: recordingTarget,
      operations: zip(widths, widths.dropFirst()).enumerated().flatMap { layer, width in
        LayerOperation.dense(
          rows: batchSize, inputs: width.0, outputs: width.1, passesGradientOn: layer > 0)
      }, dataset: dataset,
      model: "{name: mlp, hidden: [\(hidden)], activation: relu, initialization: he-normal}")
  }

  /// Rounds and seconds of a block that give a steady median in good time.
  var effort: (rounds: Int, blockSeconds: Double) {
    target < 0.05 ? (101, max(0.003, 4 * target)) : (9, 3 * target)
  }

  /// The name by which a peer reports the same work.
  var key: String { "step \(name)" }

  func makeProblem(_ datasets: inout LoadedDatasets) throws -> any TestProblem {
    let text = """
      name: row-\(name)
      dataset: \(dataset)
      model: \(model)
      loss: cross-entropy
      batch_size: \(batchSize)
      """
    return try ProblemSpec.read(Setting.parse(text, file: "row \(name)"))
      .make(using: &datasets, baseDirectory: ".")
  }

  static func makeMethod() throws -> Method {
    let optimizer = try OptimizerChoice.read(Setting.parse("adam", file: "rows"))
    let schedule = try Setting.parse("constant", file: "rows")
    return Method(
      optimizer: optimizer.optimizer,
      clipping: try ClippingStrategy.read(
        Setting.parse("{name: global-norm, max_norm: 1.0}", file: "rows")),
      schedule: try scheduleCatalog.make(scheduleCatalog.choice(at: schedule), at: schedule),
      baseLearningRate: optimizer.defaultLearningRate)
  }

  /// Multiply-adds of the operations of one step.
  var multiplyAdds: Int { operations.reduce(0) { $0 + $1.multiplyAdds } }

  /// The operations alone, on memory of the same shapes.
  func operationsWorkload() -> Workload {
    let prepared = operations.map(\.prepared)
    return Workload { for operation in prepared { operation() } }
  }

  /// The step as the runner makes it, in runs of their own: with the default recording, or with
  /// nothing measured that gradient, clip and optimizer can do without.
  static func stepWorkload(
    _ problem: any TestProblem, _ method: Method, isRecorded: Bool = true
  ) -> Workload {
    Workload { units in
      var trial = TrialRun(
        problem: problem, method: method, seed: 0, steps: units, isRecorded: isRecorded)
      return { trial.advance(by: $0) }
    }
  }

  /// The gradient alone, at parameters that stay.
  static func gradientWorkload(_ problem: any TestProblem) -> Workload {
    Workload { _ in
      guard let objective = try? problem.makeObjective(seed: 0) else {
        preconditionFailure("the problem '\(problem.name)' cannot be opened")
      }
      var order = problem.makeBatchOrder(seed: 0)
      var buffers = problem.makeBuffers()
      let parameters = FloatBuffer(problem.initialParameters(seed: 0))
      let gradient = FloatBuffer(count: problem.layout.count)
      return { count in
        for _ in 0..<count {
          _ = objective.loss(
            at: parameters.pointer, batch: order.next(), buffers: &buffers, updateStatistics: true,
            gradient: gradient.pointer)
        }
      }
    }
  }
}
