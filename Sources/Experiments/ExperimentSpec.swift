internal import Digests
public import Optimizers
public import Problems
public import Settings

/// An experiment file, read and checked: what to train, with what, how often, for how long.
public struct ExperimentSpec: Sendable {
  /// How long each run trains.
  public enum Budget: Sendable, Equatable {
    case steps(Int)
    case epochs(Double)
    case gradientEvaluations(Int)
  }

  /// Letters, digits, `-`, `_` and `.`; names the result file.
  public let name: String
  public let title: String
  /// The file's text as given.
  public let text: String
  /// SHA-256 of the canonical spec: comments, formatting, key order, the title and published figures,
  /// which change no run, do not count.
  public let digest: String
  public let problems: [ProblemSpec]
  public let optimizers: [OptimizerChoice]
  public let clippings: [ClippingStrategy]
  public let scheduleChoice: CatalogChoice<any Schedule>
  public let schedule: any Schedule
  /// The grid of the optimizers that name none.
  public let learningRates: LearningRateGrid?
  public let seeds: [Int]
  public let budget: Budget
  public let evaluateEvery: Int?
  public let timeLimitSeconds: Double?
  public let explosionFactor: Double
  public let gradientTolerance: Double?
  public let patience: Int?
  public let recordsTensors: Bool

  static let keys = [
    "optbench", "name", "title", "problems", "optimizers", "learning_rate", "schedule", "clipping",
    "seeds", "budget", "evaluate", "outcomes", "stop", "record", "published",
  ]

  /// Reads an experiment file's text.
  ///
  /// - Parameters:
  ///   - file: The file's name for error messages.
  ///   - seeds: Seeds in place of the file's.
  public init(_ text: String, file: String, seeds override: [Int]? = nil) throws(SettingsError) {
    let root = try Setting.parse(text, file: file)
    let fields = try root.mapping(allowed: Self.keys)
    let version = try fields.required("optbench")
    guard try version.integer() == 1 else {
      throw version.error("this program reads format 1 of experiment files")
    }
    name = try Self.readName(try fields.required("name"))
    title = try fields["title"]?.text() ?? name
    problems = try Self.readProblems(try fields.required("problems"))
    optimizers = try Self.readOptimizers(try fields.required("optimizers"))
    clippings = try Self.readClippings(fields["clipping"])
    learningRates = try Self.readLearningRates(fields["learning_rate"])
    if learningRates == nil, let bare = optimizers.first(where: { $0.learningRates == nil }) {
      throw root.error(
        "the key 'learning_rate' is missing, and the optimizer '\(bare.label)' names none itself")
    }

    (scheduleChoice, schedule) = try Self.readSchedule(fields["schedule"])
    let fileSeeds = try Self.readSeeds(try fields.required("seeds"))
    seeds = override ?? fileSeeds
    (budget, timeLimitSeconds) = try Self.readBudget(try fields.required("budget"))
    evaluateEvery = try fields["evaluate"]?.mapping(allowed: ["every"])["every"]?
      .integer(in: 1...Int(Int32.max))
    explosionFactor =
      try fields["outcomes"]?.mapping(allowed: ["explosion_factor"])["explosion_factor"]?
      .number(in: NumberRange(lower: 1, includesLower: false)) ?? 1000
    let stop = try fields["stop"]?.mapping(allowed: ["gradient_tolerance", "patience"])
    gradientTolerance = try stop?["gradient_tolerance"]?.number(in: .positive)
    patience = try stop?["patience"]?.integer(in: 1...Int(Int32.max))
    recordsTensors =
      try fields["record"]?.mapping(allowed: ["per_tensor"])["per_tensor"]?.boolean() ?? false

    var canonical: [String] = []
    for key in Self.keys where !["title", "seeds", "published"].contains(key) {
      if let value = fields[key] { canonical.append("\(jsonText(key)):\(value.canonicalJSON)") }
    }
    canonical.append("\"seeds\":[\(seeds.map(String.init).joined(separator: ","))]")
    digest = Digest.ofText("{" + canonical.joined(separator: ",") + "}")
    self.text = override == nil ? text : Self.text(text, withSeeds: seeds)
    try checkPublished(fields["published"])
  }

  /// The file's text with other seeds, so that what is stored makes the same experiment again.
  private static func text(_ text: String, withSeeds seeds: [Int]) -> String {
    let line = "seeds: [\(seeds.map(String.init).joined(separator: ", "))]"
    var result: [Substring] = []
    var isReplacing = false
    for old in text.split(separator: "\n", omittingEmptySubsequences: false) {
      // The old value ends where the next key of the file begins.
      if isReplacing, let first = old.first, first.isLetter { isReplacing = false }
      if old.hasPrefix("seeds:") {
        result.append(line[...])
        isReplacing = true
      } else if !isReplacing {
        result.append(old)
      }
    }
    let replaced = result.joined(separator: "\n")
    return replaced.hasSuffix("\n") || !text.hasSuffix("\n") ? replaced : replaced + "\n"
  }

  private static func readName(_ setting: Setting) throws(SettingsError) -> String {
    let name = try setting.text()
    let isAllowed = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isAllowed, !name.isEmpty, !name.hasPrefix(".") else {
      throw setting.error(
        "'\(name)' cannot name a file; allowed: letters, digits, '-', '_' and '.'")
    }
    return name
  }

  private static func readProblems(_ setting: Setting) throws(SettingsError) -> [ProblemSpec] {
    var problems: [ProblemSpec] = []
    for element in try nonempty(setting) {
      let problem = try ProblemSpec.read(element)
      guard !problems.contains(where: { $0.name == problem.name }) else {
        throw element.error("two problems are called '\(problem.name)'; give one another 'name'")
      }
      problems.append(problem)
    }
    return problems
  }

  private static func readOptimizers(_ setting: Setting) throws(SettingsError) -> [OptimizerChoice]
  {
    var optimizers: [OptimizerChoice] = []
    for element in try nonempty(setting) {
      let optimizer = try OptimizerChoice.read(element)
      guard !optimizers.contains(where: { $0.label == optimizer.label }) else {
        throw element.error(
          "two optimizers are called '\(optimizer.label)'; give one a 'label' of its own")
      }
      optimizers.append(optimizer)
    }
    return optimizers
  }

  private static func readClippings(_ setting: Setting?) throws(SettingsError) -> [ClippingStrategy]
  {
    guard let setting else { return [.none] }
    var clippings: [ClippingStrategy] = []
    for element in try nonempty(setting) {
      let clipping = try ClippingStrategy.read(element)
      guard !clippings.contains(where: { $0.label == clipping.label }) else {
        throw element.error(
          "two clipping strategies are called '\(clipping.label)'; give one a 'label' of its own")
      }
      clippings.append(clipping)
    }
    return clippings
  }

  private static func readLearningRates(
    _ setting: Setting?
  ) throws(SettingsError) -> LearningRateGrid? {
    guard let setting else { return nil }
    return try LearningRateGrid.read(setting)
  }

  private static func readSchedule(
    _ setting: Setting?
  ) throws(SettingsError) -> (CatalogChoice<any Schedule>, any Schedule) {
    let place: Setting
    if let setting {
      place = setting
    } else {
      place = try Setting.parse("constant", file: "defaults")
    }
    let choice = try scheduleCatalog.choice(at: place)
    return (choice, try scheduleCatalog.make(choice, at: place))
  }

  private static func readSeeds(_ setting: Setting) throws(SettingsError) -> [Int] {
    guard setting.isSequence else {
      return Array(0..<(try setting.integer(in: 1...100_000)))
    }
    var seeds: [Int] = []
    for element in try nonempty(setting) {
      let seed = try element.integer(in: 0...Int(Int32.max))
      guard !seeds.contains(seed) else { throw element.error("the seed \(seed) appears twice") }
      seeds.append(seed)
    }
    return seeds
  }

  private static func readBudget(
    _ setting: Setting
  ) throws(SettingsError) -> (Budget, timeLimitSeconds: Double?) {
    let lengths = ["steps", "epochs", "gradient_evaluations"]
    let fields = try setting.mapping(allowed: lengths + ["time_limit_seconds"])
    let limit = try fields["time_limit_seconds"]?.number(in: .positive)
    guard lengths.filter({ fields[$0] != nil }).count == 1 else {
      throw setting.error("give exactly one of \(lengths.joined(separator: ", "))")
    }
    let range = 1...Int(Int32.max)
    if let steps = fields["steps"] { return (.steps(try steps.integer(in: range)), limit) }
    if let epochs = fields["epochs"] { return (.epochs(try epochs.number(in: .positive)), limit) }
    let evaluations = try fields.required("gradient_evaluations")
    return (.gradientEvaluations(try evaluations.integer(in: range)), limit)
  }

  /// The elements of a list that needs at least one.
  private static func nonempty(_ setting: Setting) throws(SettingsError) -> [Setting] {
    let elements = try setting.elements()
    guard !elements.isEmpty else { throw setting.error("the list is empty; give at least one") }
    return elements
  }
}
