/// What is measured once per seed: a method at one learning rate, or over its whole grid.
public struct GateCell: Hashable, Sendable {
  public let problem: String
  public let method: Method
  /// nil for the whole grid, and where it was not recorded.
  public let learningRate: Double?
  /// Whether the rate is a multiple of the method's own tuned rate.
  public let isMultiple: Bool

  public init(problem: String, method: Method, learningRate: Double?, isMultiple: Bool = false) {
    self.problem = problem
    self.method = method
    self.learningRate = learningRate
    self.isMultiple = isMultiple
  }

  init(_ setting: GateRuns.Setting) {
    self.init(
      problem: setting.problem, method: setting.method, learningRate: setting.learningRate,
      isMultiple: setting.isMultiple)
  }
}

/// How one cell moved, in the metric's unit.
public struct CellDifference: Sendable {
  public let cell: GateCell
  /// Means over the seeds.
  public let baseline: Double
  public let current: Double
  /// `current` − `baseline`.
  public let difference: Double
  /// The cell's part in the test, tᶜ of `SignFlipTest`.
  public let shift: Double
}
