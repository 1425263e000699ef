import Problems
import Tensors

/// ½ Σ λᵢθᵢ², whose stable learning rates are known exactly, with optional steps at which the gradient
/// or the loss becomes NaN.
struct QuadraticProblem: TestProblem {
  var curvatures: [Float] = [1]
  var start: [Float] = [1]
  var nanAtStep = -1
  var nanLossAtStep = -1
  var lowerBound = 0.0
  var lossUnit = 1e-6
  /// What every evaluation on the training split gives besides the loss.
  var accuracy: Double?
  var target: Target?

  var name: String { "quadratic" }
  var summary: String { "a quadratic" }
  var digest: String { "quadratic-\(curvatures)-\(start)" }
  var layout: ParameterLayout {
    ParameterLayout([("theta", [curvatures.count], .weight)])
  }
  var stepsPerEpoch: Int { 0 }

  func initialParameters(seed: UInt64) -> [Float] { start }
  func makeBuffers() -> NamedArrays { .empty }
  func openSession() -> any ProblemSession {
    IndependentObjectives { _ in QuadraticObjective(problem: self) }
  }
  func makeBatchOrder(seed: UInt64) -> any BatchOrder { NoBatches() }
}

private struct NoBatches: BatchOrder {
  var step = 0

  mutating func skip(to step: Int) { self.step = step }

  mutating func next() -> Batch {
    defer { step += 1 }
    return Batch(step: step, indices: UnsafeBufferPointer(start: nil, count: 0))
  }
}

private final class QuadraticObjective: Objective {
  let problem: QuadraticProblem

  init(problem: QuadraticProblem) { self.problem = problem }

  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    for (index, curvature) in problem.curvatures.enumerated() {
      gradient[index] = curvature * parameters[index]
    }
    if batch.step == problem.nanAtStep { gradient[problem.curvatures.count - 1] = .nan }
    return batch.step == problem.nanLossAtStep ? .nan : value(at: parameters)
  }

  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult? {
    split == .train
      ? EvaluationResult(loss: value(at: parameters), accuracy: problem.accuracy)
      : nil
  }

  private func value(at parameters: UnsafePointer<Float>) -> Double {
    problem.curvatures.enumerated().reduce(0) { sum, term in
      let theta = Double(parameters[term.offset])
      return sum + 0.5 * Double(term.element) * theta * theta
    }
  }
}
