import Problems
import Tensors

/// What happens around a problem; by default nothing.
struct ProblemChange: Sendable {
  /// The seeds from which initial parameters and batches are drawn.
  var parameterSeed: (@Sendable (UInt64) -> UInt64)?
  var orderSeed: (@Sendable (UInt64) -> UInt64)?
  /// Changes the initial parameters.
  var parameters: (@Sendable (inout [Float], ParameterLayout) -> Void)?
  /// Changes the examples of a batch: the batch's number, its indices and the right order, which may
  /// be asked for more.
  var batch: (@Sendable (inout [Int32], Int, inout any BatchOrder) -> Void)?
  /// The steps for which a batch is used.
  var batchUses = 1
  /// Changes the loss and the gradient of a batch of so many examples.
  var gradient:
    (@Sendable (inout Double, UnsafeMutablePointer<Float>, Int, ParameterLayout) -> Void)?
  /// The split that is evaluated in place of one.
  var split: (@Sendable (DataSplit) -> DataSplit)?
}

/// A problem with a change around it, under the same name and digest: a mistake announces itself
/// no more than that.
struct AlteredProblem: TestProblem {
  let base: any TestProblem
  let change: ProblemChange

  var name: String { base.name }
  var summary: String { base.summary }
  var digest: String { base.digest }
  var layout: ParameterLayout { base.layout }
  var lowerBound: Double { base.lowerBound }
  var lossUnit: Double { base.lossUnit }
  var referenceLoss: Double { base.referenceLoss }
  var target: Target? { base.target }
  var stepsPerEpoch: Int { base.stepsPerEpoch }

  func initialParameters(seed: UInt64) -> [Float] {
    var parameters = base.initialParameters(seed: change.parameterSeed?(seed) ?? seed)
    change.parameters?(&parameters, layout)
    return parameters
  }

  func makeBuffers() -> NamedArrays { base.makeBuffers() }

  func openSession() throws(ObjectiveFailure) -> any ProblemSession {
    let session = try base.openSession()
    return IndependentObjectives { [change, layout] in
      AlteredObjective(base: session.makeObjective(seed: $0), change: change, layout: layout)
    }
  }

  func makeBatchOrder(seed: UInt64) -> any BatchOrder {
    AlteredOrder(
      base: base.makeBatchOrder(seed: change.orderSeed?(seed) ?? seed), change: change.batch,
      uses: change.batchUses)
  }
}

/// Batches with a change around them.
private final class AlteredOrder: BatchOrder {
  private var base: any BatchOrder
  private let change: (@Sendable (inout [Int32], Int, inout any BatchOrder) -> Void)?
  private let uses: Int
  private var step = 0
  private var indices: UnsafeMutableBufferPointer<Int32> = .allocate(capacity: 0)

  init(
    base: any BatchOrder,
    change: (@Sendable (inout [Int32], Int, inout any BatchOrder) -> Void)?, uses: Int
  ) {
    self.uses = uses
    self.base = base
    self.change = change
  }

  deinit { indices.deallocate() }

  func skip(to step: Int) {
    if uses == 1, change == nil { return base.skip(to: step) }
    while self.step < step { _ = next() }
  }

  func next() -> Batch {
    if uses == 1, change == nil { return base.next() }
    defer { step += 1 }
    if step % uses == 0 {
      var chosen = Array(base.next().indices)
      change?(&chosen, step, &base)
      indices.deallocate()
      indices = .allocate(capacity: chosen.count)
      _ = indices.initialize(from: chosen)
    }
    return Batch(step: step, indices: UnsafeBufferPointer(indices))
  }
}

/// Losses and gradients with a change around them.
private final class AlteredObjective: Objective {
  private let base: any Objective
  private let change: ProblemChange
  private let layout: ParameterLayout

  init(base: any Objective, change: ProblemChange, layout: ParameterLayout) {
    self.base = base
    self.change = change
    self.layout = layout
  }

  func loss(
    at parameters: UnsafePointer<Float>, batch: Batch, buffers: inout NamedArrays,
    updateStatistics: Bool, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    var loss = base.loss(
      at: parameters, batch: batch, buffers: &buffers, updateStatistics: updateStatistics,
      gradient: gradient)
    change.gradient?(&loss, gradient, batch.indices.count, layout)
    return loss
  }

  func evaluate(
    at parameters: UnsafePointer<Float>, on split: DataSplit, buffers: NamedArrays
  ) -> EvaluationResult? {
    base.evaluate(at: parameters, on: change.split?(split) ?? split, buffers: buffers)
  }
}
