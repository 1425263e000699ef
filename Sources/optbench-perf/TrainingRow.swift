import Experiments
import LinearAlgebra
import Optimizers
import Problems
import Settings
import Tensors

/// One training step of a perceptron with Adam and a clipped global norm, whole and in parts.
struct TrainingRow {
  let name: String
  /// The floats of an example, the hidden layers, the classes.
  let widths: [Int]
  let batchSize: Int
  /// The greatest median of the whole step, in seconds.
  let target: Double
  /// The greatest share of the step that recording may take.
  let recordingTarget: Double
  private let dataset: String

  static let all = [
    TrainingRow(
      name: "1", widths: [64, 64, 64, 10], batchSize: 32, target: 31e-6, recordingTarget: 0.08,
      dataset: "{name: digits, validation: 300}"),
    TrainingRow(
      name: "2", widths: [784, 128, 10], batchSize: 64, target: 300e-6, recordingTarget: 0.05,
      dataset: "{name: fashion-mnist, validation: 5000}"),
    TrainingRow(
      name: "3", widths: [784, 512, 512, 10], batchSize: 128, target: 4.3e-3, recordingTarget: 0.05,
      dataset: "{name: fashion-mnist, validation: 5000}"),
  ]

  var summary: String {
    "MLP \(widths.map(String.init).joined(separator: "-")), batch \(batchSize)"
  }

  /// The name by which a peer reports the same work.
  var key: String { "step \(name)" }

  func makeProblem(_ datasets: inout LoadedDatasets) throws -> any TestProblem {
    let hidden = widths.dropFirst().dropLast().map(String.init).joined(separator: ", ")
    let text = """
      name: row-\(name)
      dataset: \(dataset)
      model: {name: mlp, hidden: [\(hidden)], activation: relu, initialization: he-normal}
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
      optimizer: optimizer.optimizer, clipping: try makeClipping(),
      schedule: try scheduleCatalog.make(scheduleCatalog.choice(at: schedule), at: schedule),
      baseLearningRate: optimizer.defaultLearningRate)
  }

  static func makeClipping() throws -> ClippingStrategy {
    try ClippingStrategy.read(Setting.parse("{name: global-norm, max_norm: 1.0}", file: "rows"))
  }

  /// Multiply-adds of the matrix products of one step: forward, weight gradients, input gradients.
  var multiplyAdds: Int { products.reduce(0) { $0 + $1.rows * $1.columns * $1.inner } }

  /// The matrix products of one step.
  private var products: [(rows: Int, columns: Int, inner: Int, form: ProductForm)] {
    zip(widths, widths.dropFirst()).enumerated().flatMap { layer, width in
      let (inputs, outputs) = width
      return [
        (batchSize, outputs, inputs, ProductForm.forward),
        (outputs, inputs, batchSize, .weightGradient),
      ] + (layer > 0 ? [(batchSize, inputs, outputs, .inputGradient)] : [])
    }
  }

  private enum ProductForm { case forward, weightGradient, inputGradient }

  /// The products alone, on memory of the same shapes.
  func productsWorkload() -> Workload {
    let products = products.map { product in
      (
        product,
        prepared: PreparedProduct(
          transposingA: product.form == .weightGradient, transposingB: product.form == .forward),
        a: FloatBuffer(count: product.rows * product.inner, repeating: 0.5),
        b: FloatBuffer(count: product.inner * product.columns, repeating: 0.25),
        c: FloatBuffer(count: product.rows * product.columns)
      )
    }
    return Workload {
      for (product, prepared, a, b, c) in products {
        prepared.multiply(
          a.pointer, b.pointer, into: c.pointer, rows: product.rows, columns: product.columns,
          inner: product.inner)
      }
    }
  }

  /// The step as the runner makes it, recording included, in runs of their own.
  static func stepWorkload(_ problem: any TestProblem, _ method: Method) -> Workload {
    Workload { units in
      var trial = TrialRun(problem: problem, method: method, seed: 0, steps: units)
      return { trial.advance(by: $0) }
    }
  }

  /// Gradient, clipping, optimizer and θ ← θ + u, and nothing else.
  static func bareStepWorkload(_ problem: any TestProblem) throws -> Workload {
    let optimizer = try OptimizerChoice.read(Setting.parse("adam", file: "rows"))
    let clipping = try makeClipping()
    return Workload { _ in
      let step = BareStep(
        problem, optimizer.optimizer, learningRate: optimizer.defaultLearningRate, clipping)
      return { count in for _ in 0..<count { step.advance() } }
    }
  }

  /// The gradient alone, at parameters that stay.
  static func gradientWorkload(_ problem: any TestProblem) -> Workload {
    Workload { _ in
      let objective = problem.makeObjective(seed: 0)
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
