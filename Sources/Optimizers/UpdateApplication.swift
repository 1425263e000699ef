public import Tensors

/// A rule that reads the gradient and writes its update by one pass of `writeUpdate` over the whole
/// vector and looks at neither again, so that the same pass may clip the gradient before and apply
/// the update after.
///
/// The rule itself does nothing for it: `writeUpdate` does, where the step carries an
/// `UpdateApplication`.
public protocol DirectOptimizer: Optimizer {}

/// Leave to scale the gradient before and to apply the update after a rule while both are at hand:
/// θ ← θ + u(c·g), with Σu² and Σθ² of each tensor. The update is written nowhere else.
///
/// The trainer gives it to a `DirectOptimizer` where no clip will look at the update. The result has
/// the same bits as scaling the gradient, writing the update and applying it with `Vector.apply`
/// tensor by tensor.
public final class UpdateApplication {
  /// The sums of each tensor at the last step, in layout order; zero where nothing is measured.
  public let sums: UnsafeMutablePointer<Vector.AppliedUpdate>
  /// The parameters, the same memory as the step's.
  let parameters: UnsafeMutablePointer<Float>
  /// The factor c, by which the step's gradient is yet to be scaled.
  private(set) var gradientFactor: Float = 1
  /// Whether the sums are made.
  let measures: Bool
  /// Room for the update of one piece.
  let piece = FloatBuffer(count: Vector.piece)
  /// Whether the last step's update has been applied.
  public private(set) var isDone = false

  /// Leave to change `parameters`, which outlive it.
  ///
  /// - Parameter measures: Whether to make the sums, as every recorded run needs them.
  public init(
    layout: ParameterLayout, parameters: UnsafeMutablePointer<Float>, measures: Bool = true
  ) {
    self.parameters = parameters
    self.measures = measures
    let count = max(layout.tensors.count, 1)
    sums = .allocate(capacity: count)
    sums.initialize(repeating: Vector.AppliedUpdate(), count: count)
  }

  deinit { sums.deallocate() }

  /// Begins a step whose gradient is yet to be scaled by `gradientFactor`.
  public func begin(gradientFactor: Float) {
    self.gradientFactor = gradientFactor
    isDone = false
  }

  func finish() {
    precondition(!isDone, "an update was applied twice: a DirectOptimizer writes it once")
    isDone = true
  }
}
