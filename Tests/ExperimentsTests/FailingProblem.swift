import Problems
import Synchronization
import Tensors

/// A problem whose objective fails in the runs of one seed, at a step or before.
struct FailingProblem: TestProblem {
  enum Moment {
    case opening
    /// The evaluation of the untrained model.
    case firstEvaluation
    /// The n-th gradient of a step.
    case gradient(step: Int, number: Int)
    /// An evaluation after so many steps.
    case evaluation(step: Int)
  }

  let base: any TestProblem
  let seed: UInt64
  let moment: Moment

  var name: String { base.name }
  var summary: String { base.summary }
  var digest: String { base.digest }
  var layout: ParameterLayout { base.layout }
  var lowerBound: Double { base.lowerBound }
  var lossUnit: Double { base.lossUnit }
  var target: Target? { base.target }
  var stepsPerEpoch: Int { base.stepsPerEpoch }

  func initialParameters(seed: UInt64) -> [Float] { base.initialParameters(seed: seed) }
  func makeBuffers() -> NamedArrays { base.makeBuffers() }
  func makeBatchOrder(seed: UInt64) -> any BatchOrder { base.makeBatchOrder(seed: seed) }
  func openSession() throws(ObjectiveFailure) -> any ProblemSession {
    if case .opening = moment { throw ObjectiveFailure("the child ended\nwith code 3") }
    let session = try base.openSession()
    return IndependentObjectives { [seed, moment] runSeed in
      let objective = session.makeObjective(seed: runSeed)
      return runSeed == seed ? FailingObjective(objective, moment) : objective
    }
  }
}

private final class FailingObjective: Objective {
  private let base: any Objective
  private let moment: FailingProblem.Moment
  private var step = 0
  private var gradients = 0
  private(set) var failure: ObjectiveFailure?

  init(_ base: any Objective, _ moment: FailingProblem.Moment) {
    self.base = base
    self.moment = moment
  }

  private func fail(if isNow: Bool) {
    if isNow { failure = ObjectiveFailure("the child ended\nwith code 3") }
  }

  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    gradients = updateStatistics ? 1 : gradients + 1
    step = batch.step + 1
    if case .gradient(batch.step, gradients) = moment { fail(if: true) }
    // Whatever is found in the memory of what has failed.
    if failure != nil { return .nan }
    return base.loss(
      at: parameters, batch: batch, buffers: &buffers, updateStatistics: updateStatistics,
      gradient: gradient)
  }

  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult? {
    switch moment {
    case .firstEvaluation: fail(if: step == 0)
    case .evaluation(let after): fail(if: step == after)
    default: break
    }
    return failure == nil
      ? base.evaluate(at: parameters, on: split, buffers: buffers) : EvaluationResult(loss: .nan)
  }
}
