internal import Problems
internal import Tensors

/// A problem whose gradient is the same everywhere and costs nothing but a copy, or that is a quadratic
/// whose minimum moves at each step: what a method adds to a step is measured on it.
struct GivenGradientProblem: TestProblem {
  let layout: ParameterLayout
  private let gradient: [Float]
  private let parameters: [Float]
  private let isCurved: Bool

  /// - Parameters:
  ///   - parameters: Where it starts.
  ///   - isCurved: Whether its gradient changes with the parameters, and from step to step.
  init(layout: ParameterLayout, parameters: [Float], isCurved: Bool = false) {
    self.layout = layout
    self.parameters = parameters
    self.isCurved = isCurved
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
  func openSession() -> any ProblemSession {
    IndependentObjectives { _ in Given(gradient, isCurved: isCurved) }
  }
  func makeBatchOrder(seed: UInt64) -> any BatchOrder { StepsAlone() }

  private final class Given: Objective {
    private let given: FloatBuffer
    /// The gradients at 0 of even and odd steps of a quadratic.
    private let slopes: [FloatBuffer]

    init(_ given: [Float], isCurved: Bool) {
      self.given = FloatBuffer(given)
      slopes = isCurved ? [FloatBuffer(given), FloatBuffer(given.reversed())] : []
    }

    func loss(
      at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
      updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
    ) -> Double {
      let count = given.count
      guard !slopes.isEmpty else {
        gradient.update(from: given.pointer, count: count)
        return Vector.dot(gradient, parameters, count: count)
      }
      let slope = UnsafePointer(slopes[batch.step % 2].pointer)
      // Curvatures ½ to 64 in eight parts, by passes that cost as little as those of a rule.
      for part in 0..<8 {
        let (start, end) = (count * part / 8, count * (part + 1) / 8)
        Vector.scale(
          parameters + start, by: Float(sign: .plus, exponent: part - 1, significand: 1),
          into: gradient + start, count: end - start)
      }
      _ = Vector.apply(update: slope, to: gradient, count: count)
      return
        (Vector.dot(gradient, parameters, count: count)
        + Vector.dot(slope, parameters, count: count)) / 2
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
