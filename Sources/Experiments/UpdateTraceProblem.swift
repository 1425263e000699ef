internal import Problems
internal import Records
internal import Tensors

/// The fixed sequence of gradients of `UpdateTrace`.
///
/// Their magnitudes lie between 10⁻⁶ and 10² by coordinate, and three steps of sixteen are ten times,
/// three a hundredth as long: a mean over 100 steps then differs from one over 1,000, a threshold acts at
/// some steps and not at others, and an ε stands beside gradients that are smaller. A matrix has less
/// of a range, so that no decomposition amplifies rounding.
struct UpdateTraceProblem: TestProblem {
  /// Whether the gradient changes with the parameters, for a method that asks for it elsewhere.
  let isCurved: Bool

  /// The magnitude of each coordinate's gradient.
  static let scales: [Float] = [0.01, 0.1, 1, 10, 0.03, 3, 1e-6, 1e-3, 100]

  var name: String { "update trace" }
  var summary: String { name }
  var digest: String { "" }
  var layout: ParameterLayout {
    ParameterLayout([("weight", [3, 2], .weight), ("bias", [3], .bias)])
  }
  var lowerBound: Double { -.infinity }
  var lossUnit: Double { 1 }
  var target: Target? { nil }
  var stepsPerEpoch: Int { 0 }
  var samplesLabels: Bool { true }

  func initialParameters(seed: UInt64) -> [Float] {
    Self.scales.indices.map { ($0.isMultiple(of: 2) ? 1 : -1) * (0.5 + 0.125 * Float($0)) }
  }
  func makeBuffers() -> NamedArrays { .empty }
  func openSession() -> any ProblemSession {
    IndependentObjectives { [isCurved] _ in Sequence(isCurved: isCurved) }
  }
  func makeBatchOrder(seed: UInt64) -> any BatchOrder { StepsAlone() }

  private final class Sequence: Objective {
    private let isCurved: Bool
    /// By step, then coordinate.
    private let slopes: [Float]
    private let sampled: [Float]

    init(isCurved: Bool) {
      self.isCurved = isCurved
      // Of its own, so that no change of another stream looks like one of a method.
      var state: UInt64 = 20_240_229
      func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) * 0x1p-23 - 1
      }
      var slopes: [Float] = []
      var sampled: [Float] = []
      for step in 0..<UpdateTrace.steps {
        let phase = step % 16
        let length: Float = phase >= 13 ? 0.01 : phase >= 8 && phase < 11 ? 10 : 1
        for scale in UpdateTraceProblem.scales {
          // With a direction of its own, which a momentum gathers.
          slopes.append(scale * length * (next() + 0.3))
          sampled.append(scale * length * next())
        }
      }
      self.slopes = slopes
      self.sampled = sampled
    }

    func loss(
      at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
      updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
    ) -> Double {
      let scales = UpdateTraceProblem.scales
      var loss = 0.0
      for index in scales.indices {
        let slope = slopes[batch.step * scales.count + index]
        let curvature = isCurved ? 0.02 * scales[index] : 0
        gradient[index] = slope + curvature * parameters[index]
        loss +=
          Double(parameters[index])
          * (Double(slope) + 0.5 * Double(curvature) * Double(parameters[index]))
      }
      return loss
    }

    func sampledLabelGradient(
      at parameters: UnsafePointer<Float>, batch: Batch, buffers: NamedArrays,
      gradient: UnsafeMutablePointer<Float>
    ) -> Int {
      let count = UpdateTraceProblem.scales.count
      for index in 0..<count { gradient[index] = sampled[batch.step * count + index] }
      return 32
    }

    func evaluate(
      at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
    ) -> EvaluationResult? { nil }
  }
}
