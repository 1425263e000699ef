public import Settings

/// What a gate takes for a regression, as a policy file says it.
public struct GatePolicy: Sendable {
  /// What a finding that is no regression does to the gate.
  public enum Consequence: String, Sendable, CaseIterable {
    case pass
    case fail
  }

  /// Which runs are compared with each other.
  public enum Pairing: String, Sendable, CaseIterable {
    /// Those of the same seed: they began from the same parameters and saw the same batches.
    case seed
    /// Those of the i-th seed of either result: for results of different seeds.
    case order
  }

  /// A metric with the smallest effect that counts.
  public struct Rule: Sendable {
    public let metric: GateMetric
    public let minimumEffect: Double

    public init(_ metric: GateMetric, minimumEffect: Double) {
      precondition(minimumEffect > 0, "a minimum effect of \(minimumEffect)")
      self.metric = metric
      self.minimumEffect = minimumEffect
    }
  }

  /// The probability of any false alarm in one comparison of equal code.
  public var significance = 0.05
  public var pairing = Pairing.seed
  /// What a metric does for which there are too few seeds to say anything.
  public var undecided = Consequence.pass
  /// What a significant improvement does: in code that should not move the numbers it is as
  /// suspicious as a regression.
  public var improvement = Consequence.pass
  /// What a method does that updates otherwise than in the baseline.
  public var updateRule = Consequence.fail
  /// The metrics compared, in the order of `GateMetric.all`.
  public var rules: [Rule]
  /// How many units in the last place the recorded numbers may differ in the exact mode.
  public var unitsInLastPlace: UInt32 = 0

  /// The policy of an empty file.
  public init() {
    rules = GateMetric.all.filter(\.isOnByDefault).map {
      Rule($0, minimumEffect: $0.minimumEffect)
    }
  }

  private static let keys = [
    "gate", "significance", "pairing", "undecided", "improvement", "update_rule", "metrics",
    "exact",
  ]

  /// Reads a policy file's text.
  ///
  /// - Parameter file: The file's name for error messages.
  public init(_ text: String, file: String) throws(SettingsError) {
    let root = try Setting.parse(text, file: file)
    let fields = try root.mapping(allowed: Self.keys)
    let version = try fields.required("gate")
    guard try version.integer() == 1 else {
      throw version.error("this program reads format 1 of gate policies")
    }
    self.init()
    if let value = fields["significance"] {
      significance = try value.number(
        in: NumberRange(lower: 1e-6, upper: 0.2))
    }
    pairing = try Self.choice(fields["pairing"], kind: "pairing") ?? pairing
    undecided = try Self.choice(fields["undecided"], kind: "consequence") ?? undecided
    improvement = try Self.choice(fields["improvement"], kind: "consequence") ?? improvement
    updateRule = try Self.choice(fields["update_rule"], kind: "consequence") ?? updateRule
    if let value = fields["metrics"] { rules = try Self.rules(value) }
    if let value = try fields["exact"]?.mapping(allowed: ["units_in_last_place"]) {
      let limit = try value.required("units_in_last_place").integer(in: 0...Int(Int32.max))
      unitsInLastPlace = UInt32(limit)
    }
  }

  /// The metrics that are on: each is `off`, `on`, or a mapping of its `minimum_effect`; those that are
  /// not mentioned are as by default.
  private static func rules(_ setting: Setting) throws(SettingsError) -> [Rule] {
    let fields = try setting.mapping(allowed: GateMetric.all.map(\.name))
    var rules: [Rule] = []
    for metric in GateMetric.all {
      guard let value = fields[metric.name] else {
        if metric.isOnByDefault {
          rules.append(Rule(metric, minimumEffect: metric.minimumEffect))
        }
        continue
      }
      guard value.isMapping else {
        if try value.choice(of: ["on", "off"], kind: "switch") == "on" {
          rules.append(Rule(metric, minimumEffect: metric.minimumEffect))
        }
        continue
      }
      let effect = try value.mapping(allowed: ["minimum_effect"]).required("minimum_effect")
      rules.append(
        Rule(metric, minimumEffect: try effect.number(in: NumberRange(lower: 1e-9, upper: 1e9))))
    }
    guard !rules.isEmpty else {
      throw setting.error("every metric is off; a gate that compares nothing would always pass")
    }
    return rules
  }

  private static func choice<Value: RawRepresentable & CaseIterable>(
    _ setting: Setting?, kind: String
  ) throws(SettingsError) -> Value? where Value.RawValue == String {
    guard let setting else { return nil }
    let names = Value.allCases.map(\.rawValue)
    return Value(rawValue: try setting.choice(of: names, kind: kind))
  }
}
