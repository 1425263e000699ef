/// What each run of a table came to: nothing else is known of them.
public struct ResultTable: Sendable {
  /// One run.
  public struct Row: Sendable {
    public var problem: String
    public var method: String
    /// As the table writes it: methods are paired by it.
    public var seed: String
    /// nil for a failed run.
    public var value: Double?
    /// Steps, or whatever time is counted in, to the target; nil where it was not reached.
    public var steps: Double?
    public var learningRate: Double?

    public init(
      problem: String, method: String, seed: String, value: Double?, steps: Double? = nil,
      learningRate: Double? = nil
    ) {
      self.problem = problem
      self.method = method
      self.seed = seed
      self.value = value
      self.steps = steps
      self.learningRate = learningRate
    }
  }

  /// What the value is called.
  public var valueName: String
  public var rows: [Row]
  public var isHigherBetter: Bool
  /// Whether the table says how long each run took to a target.
  public var hasSteps: Bool
  /// What must be said of how it was read.
  public var notes: [String] = []

  public init(valueName: String, rows: [Row], isHigherBetter: Bool, hasSteps: Bool) {
    self.valueName = valueName
    self.rows = rows
    self.isHigherBetter = isHigherBetter
    self.hasSteps = hasSteps
  }

  /// The value as a cost: +∞ for a failed run.
  func cost(_ row: Row) -> Double {
    guard let value = row.value else { return .infinity }
    return isHigherBetter ? -value : value
  }

  /// A cost as a value; infinite where failed runs decide it.
  func value(_ cost: Double) -> Double { isHigherBetter ? 0 - cost : cost }

  /// An estimate of costs as one of values.
  func values(_ estimate: Estimate?) -> Estimate? {
    guard isHigherBetter, let estimate else { return estimate }
    return Estimate(
      value: value(estimate.value), lower: estimate.upper.map { value($0) },
      upper: estimate.lower.map { value($0) })
  }
}

extension Array where Element: Hashable {
  /// Each once, in the order of the first.
  var inOrderOfAppearance: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
