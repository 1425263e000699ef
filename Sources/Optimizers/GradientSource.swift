public import Tensors

/// What a rule asks for at a step, besides the gradient that it is given.
public struct GradientDemand: Sendable, Hashable {
  /// The fewest and the most gradient evaluations of a step, the given gradient's included.
  public var evaluations: ClosedRange<Int>
  /// Whether it asks for the loss and the gradient at other parameters than the trained ones.
  public var isElsewhere: Bool
  /// Whether it asks for gradients of labels drawn from the model's own predictions.
  public var samplesLabels: Bool

  public init(
    evaluations: ClosedRange<Int>, isElsewhere: Bool = false, samplesLabels: Bool = false
  ) {
    self.evaluations = evaluations
    self.isElsewhere = isElsewhere
    self.samplesLabels = samplesLabels
  }

  /// Nothing but the given gradient.
  public static let none = GradientDemand(evaluations: 1...1)

  /// This demand and `other`'s, of a rule around another: the given gradient counts once.
  public func around(_ other: GradientDemand) -> GradientDemand {
    let fewest = evaluations.lowerBound + other.evaluations.lowerBound - 1
    let most = evaluations.upperBound + other.evaluations.upperBound - 1
    return GradientDemand(
      evaluations: fewest...most, isElsewhere: isElsewhere || other.isElsewhere,
      samplesLabels: samplesLabels || other.samplesLabels)
  }
}

/// Answers what a rule asks for in the course of one step, always on the step's own batch and with
/// its noise. Each answer counts as a gradient evaluation.
///
/// It is handed to `proposeUpdate` as an `inout` parameter of its own and cannot be kept: it owns
/// the run's objective for the time of the call.
public protocol GradientSource {
  /// The loss and the gradient at `parameters`. The gradient has passed the clipping strategy like
  /// the one that the step began with, as in a closure of PyTorch that clips before it returns.
  mutating func loss(
    at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Double

  /// The gradient at `parameters` of the mean loss for labels drawn from the model's own
  /// predictions, one for each example; clipped like the others.
  /// - Returns: The number of labels; 0 where it is not known.
  mutating func sampleLabels(
    at parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Int

  /// Whether somebody will work on the momentum of a rule that offers it; false by default.
  var transformsMomentum: Bool { get }

  /// Lets the transforms of the momentum work on a copy of it that lies like the parameters.
  mutating func transform(momentum: UnsafeMutablePointer<Float>)
}

extension GradientSource {
  public var transformsMomentum: Bool { false }

  public mutating func transform(momentum: UnsafeMutablePointer<Float>) {}
}

/// An optimizer that asks for more than the gradient it is given, and announces it in `demand`.
public protocol AskingOptimizer: Optimizer {}

extension AskingOptimizer {
  /// Traps: this rule has to ask.
  public func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    preconditionFailure(
      "\(Self.self) asks for more gradients; call proposeUpdate(for:state:asking:)")
  }
}
