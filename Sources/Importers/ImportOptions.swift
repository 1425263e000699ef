public import Records

/// What the user says of the runs beyond what their logs say. It stands before whatever a log says.
public struct ImportOptions: Sendable {
  /// The experiment's name.
  public var name: String
  public var title: String?
  /// What all runs trained.
  public var problem: String?
  public var optimizer: String?
  public var clipping: String?
  public var learningRate: Double?
  public var seed: Int?
  /// Names of metrics or columns by what they are: `loss` → `my_loss`.
  public var names: [String: String] = [:]
  /// The number that the logs give the first update, 0 or 1.
  public var firstStep: Int?
  /// The metric that has a target, as it is logged, and its value.
  public var target: LoggedRun.Target?
  /// Whether more of that metric is better; nil where its name tells.
  public var isHigherBetter: Bool?
  /// Where and with what the result is made.
  public var provenance = Provenance()

  public init(name: String) { self.name = name }
}

extension LoggedRun.Target {
  /// Reads `validation/loss=0.12`.
  public init?(_ text: String) {
    guard let sign = text.lastIndex(of: "="), sign > text.startIndex,
      let value = Double(text[text.index(after: sign)...]), value.isFinite
    else { return nil }
    self.init(metric: String(text[..<sign]), value: value)
  }
}
