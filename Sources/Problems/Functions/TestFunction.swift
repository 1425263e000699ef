public import Tensors

/// A function of several variables to be minimised.
///
/// Values and gradients are computed in `Double` from parameters that were rounded to `Float`; the
/// gradient is rounded once more, to `Float`, when it is handed to the optimizer.
public protocol TestFunction: Sendable {
  /// The function in a phrase, with its dimension.
  var summary: String { get }
  /// The number of variables.
  var dimension: Int { get }
  /// How the variables are divided into tensors; by default they are one tensor `x`.
  var layout: ParameterLayout { get }
  /// The greatest known lower bound of the values.
  var lowerBound: Double { get }
  /// The values' natural unit, positive: what counts as one in judging an explosion. By default the
  /// height of the standard start above the lower bound.
  var unit: Double { get }
  /// The standard starting point.
  var start: [Double] { get }
  /// A point where the function is least; nil where none is known.
  var minimum: [Double]? { get }
  /// The numbers that an evaluation needs as working memory, of which nothing is kept.
  var workspaceCount: Int { get }

  /// The point from which the runs of a seed start, before the spread of the start is added; by
  /// default the standard start.
  func start(seed: UInt64) -> [Double]

  /// The value at `x`, and the gradient.
  ///
  /// - Parameters:
  ///   - x: `dimension` numbers.
  ///   - gradient: Room for `dimension` numbers.
  ///   - workspace: Room for `workspaceCount` numbers.
  func value(
    at x: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) -> Double
}

extension TestFunction {
  public var layout: ParameterLayout { ParameterLayout([("x", [dimension], .weight)]) }
  public var unit: Double { value(at: start).value - lowerBound }
  public var workspaceCount: Int { 0 }
  public func start(seed: UInt64) -> [Double] { start }

  /// The value at `x` and the gradient, for a caller outside the inner loop.
  package func value(at x: [Double]) -> (value: Double, gradient: [Double]) {
    precondition(x.count == dimension, "\(x.count) numbers for \(dimension) variables")
    var gradient = [Double](repeating: 0, count: dimension)
    var workspace = [Double](repeating: 0, count: workspaceCount)
    let value = value(at: x, gradient: &gradient, workspace: &workspace)
    return (value, gradient)
  }
}

/// A function that is the mean over training examples, of which a step sees a batch.
public protocol FunctionOfExamples: TestFunction {
  /// The number of training examples.
  var exampleCount: Int { get }
  /// The splits with examples of their own, beside the training set.
  var heldOut: [DataSplit] { get }

  /// The mean at `x` over the given training examples, and its gradient.
  func value(
    at x: UnsafePointer<Double>, over examples: UnsafeBufferPointer<Int32>,
    gradient: UnsafeMutablePointer<Double>, workspace: UnsafeMutablePointer<Double>
  ) -> Double

  /// The mean at `x` over the examples of a held-out split.
  func value(
    at x: UnsafePointer<Double>, on split: DataSplit, workspace: UnsafeMutablePointer<Double>
  ) -> Double
}

extension FunctionOfExamples {
  public var heldOut: [DataSplit] { [] }

  public func value(
    at x: UnsafePointer<Double>, on split: DataSplit, workspace: UnsafeMutablePointer<Double>
  ) -> Double {
    preconditionFailure("no examples are held out for the \(split.rawValue) split")
  }
}
