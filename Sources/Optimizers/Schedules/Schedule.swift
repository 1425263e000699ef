public import Tensors

/// How the learning rate changes over a run.
///
/// A schedule of the step alone implements the first method only. One that follows the loss keeps
/// what it has seen in a state that the trainer owns: the trainer makes the state, asks for the rate
/// with it, and shows it each evaluated loss.
public protocol Schedule: Sendable {
  /// The learning rate at `step`, from 0, of a run that plans `totalSteps`, for the base rate `base`;
  /// for a schedule that follows the loss, as long as it has seen none.
  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double

  /// The steps of a rise to the full learning rate; 0 without one.
  var warmupSteps: Int { get }

  /// Whether the learning rate depends on observed losses.
  var observesLoss: Bool { get }

  /// The memory before the first step.
  func makeState() -> NamedArrays

  /// Takes in the loss of one evaluation, or of one step where there are no evaluations.
  func observe(loss: Double, state: inout NamedArrays)

  /// The learning rate at `step` after the losses that `state` has seen.
  func learningRate(base: Double, step: Int, totalSteps: Int, state: NamedArrays) -> Double
}

extension Schedule {
  public var warmupSteps: Int { 0 }

  public var observesLoss: Bool { false }

  public func makeState() -> NamedArrays { .empty }

  public func observe(loss: Double, state: inout NamedArrays) {}

  public func learningRate(
    base: Double, step: Int, totalSteps: Int, state: NamedArrays
  ) -> Double {
    learningRate(base: base, step: step, totalSteps: totalSteps)
  }
}
