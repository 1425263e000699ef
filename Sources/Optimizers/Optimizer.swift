public import Tensors

/// What an optimizer sees of one step.
public struct OptimizerStep {
  /// How the flat vectors divide into tensors.
  public let layout: ParameterLayout
  /// The step, from 0.
  public let step: Int
  /// The learning rate of this step, schedule included.
  public let learningRate: Double
  /// The parameters θ, `layout.count` of them.
  public let parameters: UnsafePointer<Float>
  /// The gradient at θ, after clipping.
  public let gradient: UnsafePointer<Float>
  /// Where the proposed update u goes: the trainer then sets θ ← θ + u.
  public let update: UnsafeMutablePointer<Float>

  public init(
    layout: ParameterLayout, step: Int, learningRate: Double, parameters: UnsafePointer<Float>,
    gradient: UnsafePointer<Float>, update: UnsafeMutablePointer<Float>
  ) {
    self.layout = layout
    self.step = step
    self.learningRate = learningRate
    self.parameters = parameters
    self.gradient = gradient
    self.update = update
  }

  /// The number of parameters.
  public var count: Int { layout.count }
}

/// A rule that turns gradients into updates.
///
/// The rule itself is immutable; its memory is a value that the trainer owns. It *proposes* an
/// update and never touches the parameters, so that an update can be clipped, measured or refused.
public protocol Optimizer: Sendable {
  /// The memory before the first step.
  func makeState(for layout: ParameterLayout) -> NamedArrays

  /// Writes the update of one step. Allocates nothing.
  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays)
}
