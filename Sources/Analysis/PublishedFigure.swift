public import Records
public import Settings

/// A number that somebody published, which an experiment file carries so that the report can show it
/// beside its own.
public struct PublishedFigure: Sendable, Equatable {
  /// What was measured.
  public enum Quantity: Sendable, Equatable {
    /// The last evaluation of a run.
    case final(EvaluationMetric)
    /// Updates, or passes over the training data, up to the evaluation that met the target.
    case stepsToTarget
    case epochsToTarget

    /// The quantity's name in YAML, such as `test_loss` or `epochs_to_target`.
    public var name: String {
      switch self {
      case .final(let metric): metric.rawValue
      case .stepsToTarget: "steps_to_target"
      case .epochsToTarget: "epochs_to_target"
      }
    }

    static let all =
      EvaluationMetric.allCases.map { Quantity.final($0) } + [
        .stepsToTarget, .epochsToTarget,
      ]
  }

  /// What was published of it.
  public enum Value: Sendable, Equatable {
    /// One number, a mean for example, with its standard deviation over runs where there is one.
    case number(Double, deviation: Double?)
    /// The least and the greatest of several runs.
    case range(Double, Double)
  }

  /// Who published it, and where.
  public let source: String
  /// The problem's name; nil in an experiment with one problem.
  public let problem: String?
  /// The optimizer's label.
  public let optimizer: String
  /// The clipping strategy's label.
  public let clipping: String
  /// The learning rate that the figure belongs to; nil for the one that the analysis chooses.
  public let learningRate: Double?
  public let quantity: Quantity
  public let value: Value
  /// How far beyond the range of the seeds a figure still counts as within it.
  public let tolerance: Double
  /// What a reader has to know in comparing, such as another budget; may be empty.
  public let note: String

  /// Whether runs at `rate` are those that the figure speaks of: published rates are rounded.
  public func isAt(_ rate: Double) -> Bool {
    learningRate.map { abs($0 - rate) <= 1e-3 * rate } ?? true
  }

  /// The keys of a figure in an experiment file.
  package static let keys = [
    "source", "problem", "optimizer", "clipping", "learning_rate", "metric", "value", "deviation",
    "range", "tolerance", "note",
  ]

  /// The figure at a place in an experiment file.
  public static func read(_ setting: Setting) throws(SettingsError) -> PublishedFigure {
    let fields = try setting.mapping(allowed: keys)
    let names = Quantity.all.map(\.name)
    let name = try fields.required("metric").choice(
      of: names, kind: "metric", synonyms: .metrics)
    guard let quantity = Quantity.all.first(where: { $0.name == name }) else {
      preconditionFailure("no quantity '\(name)'")
    }
    return PublishedFigure(
      source: try fields.required("source").text(), problem: try fields["problem"]?.text(),
      optimizer: try fields.required("optimizer").text(),
      clipping: try fields["clipping"]?.text() ?? "none",
      learningRate: try fields["learning_rate"]?.number(in: .positive), quantity: quantity,
      value: try readValue(fields),
      tolerance: try fields["tolerance"]?.number(in: .nonnegative) ?? 0,
      note: try fields["note"]?.text() ?? "")
  }

  /// The figures that an experiment file carries; none in a text that is no experiment file.
  static func all(in spec: String) -> [PublishedFigure] {
    guard let list = try? Setting.parse(spec, file: "spec").value(of: "published")?.elements()
    else { return [] }
    return list.compactMap { try? read($0) }
  }

  private static func readValue(_ fields: SettingMapping) throws(SettingsError) -> Value {
    guard let range = fields["range"] else {
      let value = try fields.required("value").number()
      return .number(value, deviation: try fields["deviation"]?.number(in: .nonnegative))
    }
    for key in ["value", "deviation"] {
      if let other = fields[key] {
        throw other.error("'\(key)' does not go with 'range'; keep one")
      }
    }
    let bounds = try range.elements()
    guard bounds.count == 2 else {
      throw range.error("\(bounds.count) numbers given; allowed: the least and the greatest")
    }
    let (least, greatest) = (try bounds[0].number(), try bounds[1].number())
    guard least <= greatest else { throw range.error("the least comes first") }
    return .range(least, greatest)
  }
}
