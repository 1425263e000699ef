internal import Problems
internal import Tensors

/// A problem whose gradient is the same everywhere and costs nothing but a copy: what a method adds to
/// a step is measured on it.
struct GivenGradientProblem: TestProblem {
  let layout: ParameterLayout
  private let gradient: [Float]
  private let parameters: [Float]

  /// - Parameter parameters: Where it starts.
  init(layout: ParameterLayout, parameters: [Float]) {
    self.layout = layout
    self.parameters = parameters
    var stream = RandomStream(seed: 0, name: "given-gradient")
    // A pattern of no period that matters to a matrix, without drawing millions of numbers.
    let pattern = (0..<1021).map { _ in Float(0.01 * stream.normal()) }
    gradient = (0..<layout.count).map { pattern[$0 % 1021] }
  }

  var name: String { "given gradient" }
  var summary: String { name }
  var digest: String { "" }
  var lowerBound: Double { -.infinity }
  var referenceLoss: Double { .nan }
  var lossUnit: Double { 1 }
  var target: Target? { nil }
  var stepsPerEpoch: Int { 0 }
  var samplesLabels: Bool { true }

  func initialParameters(seed: UInt64) -> [Float] { parameters }
  func makeBuffers() -> NamedArrays { .empty }
  func openSession() -> any ProblemSession { IndependentObjectives { _ in Given(gradient) } }
  func makeBatchOrder(seed: UInt64) -> any BatchOrder { StepsAlone() }

  private final class Given: Objective {
    private let given: FloatBuffer

    init(_ given: [Float]) { self.given = FloatBuffer(given) }

    func loss(
      at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
      updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
    ) -> Double {
      gradient.update(from: given.pointer, count: given.count)
      return Vector.dot(gradient, parameters, count: given.count)
    }

    func sampledLabelGradient(
      at parameters: UnsafePointer<Float>, batch: Batch, buffers: NamedArrays,
      gradient: UnsafeMutablePointer<Float>
    ) -> Int {
      gradient.update(from: given.pointer, count: given.count)
      return 0
    }

    func evaluate(
      at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
    ) -> EvaluationResult? { nil }
  }
}
