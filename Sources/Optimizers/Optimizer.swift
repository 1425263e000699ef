public import Tensors

/// What an optimizer sees of one step.
public struct OptimizerStep {
  /// How the flat vectors divide into tensors.
  public let layout: ParameterLayout
  /// The step, from 0.
  public let step: Int
  /// The learning rate of this step, schedule included.
  public let learningRate: Double
  /// The loss at θ on the step's batch; NaN where only the gradient is known.
  public let loss: Double
  /// The parameters θ, `layout.count` of them.
  public let parameters: UnsafePointer<Float>
  /// The gradient at θ, after clipping.
  public let gradient: UnsafePointer<Float>
  /// The gradient's Euclidean norm over all tensors.
  public var gradientNorm: Double {
    measuredNorm.isNaN ? Vector.norm(gradient, count: count) : measuredNorm
  }
  /// The parameters' Euclidean norm over all tensors.
  public var parameterNorm: Double {
    measuredParameterNorm.isNaN
      ? Vector.norm(parameters, count: count) : measuredParameterNorm
  }
  private let measuredNorm: Double
  private let measuredParameterNorm: Double
  /// Where the proposed update u goes: the trainer then sets θ ← θ + u.
  public let update: UnsafeMutablePointer<Float>
  /// Leave for a `DirectOptimizer` to apply the update while it writes it.
  let application: UpdateApplication?

  /// - Parameters:
  ///   - parameterNorm: The parameters' norm, where it is known already.
  ///   - gradientNorm: The gradient's norm, where it is known already.
  public init(
    layout: ParameterLayout, step: Int, learningRate: Double, loss: Double = .nan,
    parameters: UnsafePointer<Float>, parameterNorm: Double = .nan,
    gradient: UnsafePointer<Float>, gradientNorm: Double = .nan,
    update: UnsafeMutablePointer<Float>, application: UpdateApplication? = nil
  ) {
    self.layout = layout
    self.step = step
    self.learningRate = learningRate
    self.loss = loss
    self.parameters = parameters
    self.gradient = gradient
    measuredNorm = gradientNorm
    measuredParameterNorm = parameterNorm
    self.update = update
    self.application = application
  }

  /// The number of parameters.
  public var count: Int { layout.count }

  /// The same step at another learning rate.
  func with(learningRate: Double) -> OptimizerStep {
    OptimizerStep(
      layout: layout, step: step, learningRate: learningRate, loss: loss, parameters: parameters,
      parameterNorm: measuredParameterNorm, gradient: gradient, gradientNorm: measuredNorm,
      update: update)
  }

  /// The same step with another gradient and another place for what comes of it.
  public func with(
    gradient: UnsafePointer<Float>, update: UnsafeMutablePointer<Float>
  ) -> OptimizerStep {
    OptimizerStep(
      layout: layout, step: step, learningRate: learningRate, loss: loss, parameters: parameters,
      parameterNorm: measuredParameterNorm, gradient: gradient, update: update)
  }
}

/// A rule that turns gradients into updates.
///
/// The rule itself is immutable; its memory is a value that the trainer owns. It *proposes* an
/// update and never touches the parameters, so that an update can be clipped, measured or refused.
///
/// A rule that needs no more than the gradient implements `makeState(for:)` and
/// `proposeUpdate(for:state:)`. One that asks for more conforms to `AskingOptimizer`.
public protocol Optimizer: Sendable {
  /// What the rule asks for at a step besides the gradient that it is given; nothing by default.
  var demand: GradientDemand { get }

  /// Whether it hands its momentum to transforms, between taking the gradient into it and stepping
  /// along it; false by default.
  var offersMomentum: Bool { get }

  /// The memory before the first step.
  func makeState(for layout: ParameterLayout) -> NamedArrays

  /// Writes the update of one step. Allocates nothing.
  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays)

  /// Writes the update of one step, with leave to ask `source` for what `demand` announces; the
  /// plain form by default. Allocates nothing.
  func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource)

  /// Whether the method is evaluated at other parameters than it trains, an average for instance. What
  /// a model keeps besides its parameters, such as batch statistics, is then estimated for these
  /// before each evaluation. False by default.
  var evaluatesElsewhere: Bool { get }

  /// The parameters at which the method is to be evaluated: the trained ones by default.
  ///
  /// - Parameter scratch: Memory for a rule that evaluates elsewhere, which then returns it.
  func evaluationParameters(
    for parameters: UnsafePointer<Float>, layout: ParameterLayout, state: NamedArrays,
    scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float>
}

extension Optimizer {
  public var demand: GradientDemand { .none }

  public var offersMomentum: Bool { false }

  public var evaluatesElsewhere: Bool { false }

  public func proposeUpdate(
    for step: OptimizerStep, state: inout NamedArrays, asking source: inout some GradientSource
  ) {
    proposeUpdate(for: step, state: &state)
  }

  public func evaluationParameters(
    for parameters: UnsafePointer<Float>, layout: ParameterLayout, state: NamedArrays,
    scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> { parameters }
}
