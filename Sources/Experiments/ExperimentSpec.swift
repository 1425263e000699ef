internal import Analysis
internal import Digests
public import Optimizers
public import Problems
internal import Records
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
  public let `protocol`: ExperimentProtocol
  /// The label of the method that others are held against; nil where the file names none.
  public let baseline: String?
  /// The file's text as given.
  public let text: String
  /// SHA-256 of the canonical spec: comments, formatting, key order, and what changes no run (title,
  /// baseline, published figures and claims) do not count.
  public let digest: String
  public let problems: [ProblemSpec]
  /// One for each optimizer and schedule of the file.
  public let optimizers: [OptimizerChoice]
  public let clippings: [ClippingStrategy]
  /// The schedule of the optimizers that have none of their own: constant, or under the robust
  /// protocol cosine, unless the file says otherwise.
  public let schedule: ScheduleChoice
  /// The grid of the optimizers that name none.
  public let learningRates: LearningRateGrid?
  public let seeds: [Int]
  public let budget: Budget
  /// What the file says of evaluations.
  let evaluation: EvaluationSchedule.Choice
  public let timeLimitSeconds: Double?
  public let explosionFactor: Double
  public let gradientTolerance: Double?
  public let patience: Int?
  public let recordsTensors: Bool
  /// What the file claims of its own results, before there are any.
  let claims: [Claim]
  /// The instruments that watch each run, by the names under `record`.
  public let instruments: [String]

  package static let keys = [
    "optbench", "name", "title", "protocol", "tuning", "baseline", "problems", "optimizers",
    "learning_rate", "grid", "schedule", "clipping", "seeds", "budget", "evaluate", "outcomes",
    "stop",
    "record", "published", "claim",
  ]

  /// The keys below those that hold a mapping of their own.
  package static let subkeys = [
    "tuning": ExperimentProtocol.keys,
    "budget": ["steps", "epochs", "gradient_evaluations", "time_limit_seconds"],
    "evaluate": EvaluationSchedule.keys, "outcomes": ["explosion_factor"],
    "stop": ["gradient_tolerance", "patience"],
    "record": ["per_tensor"] + Instruments.all.map(\.name),
  ]

  /// Reads an experiment file's text.
  ///
  /// - Parameters:
  ///   - file: The file's name for error messages.
  ///   - seeds: Seeds in place of the file's.
  /// - Throws: Everything that is wrong in the file, in its order.
  public init(_ text: String, file: String, seeds override: [Int]? = nil) throws(SettingsError) {
    let root = try Setting.parse(text, file: file)
    if let recorded = root.value(of: Self.recordedKey) {
      throw recorded.error(
        "the runs of this experiment were recorded by another program, so there is nothing to train: "
          + "report, gate, merge and recommend take its result file, and 'optbench import' adds to it"
      )
    }
    var mistakes = Mistakes()
    let fields = try root.mapping(
      allowed: Self.keys, synonyms: .experimentKeys, noting: &mistakes)
    _ = mistakes.attempt(try Self.checkFormat(fields.required("optbench")))
    let name = mistakes.attempt(try Self.readName(fields.required("name")))
    let title = mistakes.attempt(try fields["title"]?.text())
    let problems = mistakes.attempt(try Self.readProblems(fields.required("problems")))
    let isRobust = (try? fields["protocol"]?.text()) == "robust"
    let schedules = mistakes.attempt(
      try fields["schedule"].map(ScheduleChoice.readAll) ?? [isRobust ? .cosine : .constant])
    let grid = mistakes.attempt(try Self.readGrid(fields["grid"]))
    let optimizers = mistakes.attempt(
      try Self.readOptimizers(
        fields.required("optimizers"), grid: grid ?? nil, schedules: schedules ?? [.constant]))
    let clippings = mistakes.attempt(try Self.readClippings(fields["clipping"]))
    if let optimizers, let clippings, let place = fields["optimizers"] {
      _ = mistakes.attempt(try Self.checkKeys(optimizers, clippings, at: place))
    }
    let learningRates = mistakes.attempt(
      isRobust
        ? try Self.requireStarts(fields, of: optimizers ?? [])
        : try Self.readLearningRates(fields, for: optimizers ?? [], in: root))
    let fileSeeds = mistakes.attempt(try Self.readSeeds(fields.required("seeds")))
    let `protocol` = mistakes.attempt(
      try ExperimentProtocol.read(
        fields["protocol"], tuning: fields["tuning"],
        evaluationSeeds: override ?? fileSeeds ?? [],
        searched: Self.searched(
          optimizers ?? [], clippings ?? [], schedule: schedules?[0] ?? .constant)))
    let baseline = mistakes.attempt(
      try Self.readBaseline(fields["baseline"], optimizers ?? [], clippings ?? []))
    let budget = mistakes.attempt(try Self.readBudget(fields.required("budget")))
    let evaluation = mistakes.attempt(
      try EvaluationSchedule.Choice.read(Self.mapping(of: "evaluate", in: fields)))
    let outcomes = mistakes.attempt(
      try Self.mapping(of: "outcomes", in: fields))
    let explosionFactor = mistakes.attempt(
      try outcomes??["explosion_factor"]?.number(in: NumberRange(lower: 1, includesLower: false)))
    let stop = mistakes.attempt(
      try Self.mapping(of: "stop", in: fields))
    let tolerance = mistakes.attempt(try stop??["gradient_tolerance"]?.number(in: .positive))
    let patience = mistakes.attempt(try stop??["patience"]?.integer(in: 1...Int(Int32.max)))
    let record = mistakes.attempt(try Self.mapping(of: "record", in: fields))
    let recordsTensors = mistakes.attempt(try record??["per_tensor"]?.boolean())
    var instruments: [String] = []
    for name in Instruments.all.map(\.name) {
      if mistakes.attempt(try record??[name]?.boolean()) == true { instruments.append(name) }
    }
    let figures = mistakes.attempt(try Self.readPublished(fields["published"]))
    let claims = mistakes.attempt(try fields["claim"].map(Claim.readAll))
    try mistakes.check()

    guard let name, let title, let problems, let optimizers, let clippings, let learningRates,
      let schedules, let fileSeeds, let budget, let evaluation, let explosionFactor, let tolerance,
      let patience, let recordsTensors, let figures, let `protocol`, let baseline,
      let claims
    else { preconditionFailure("what could not be read is a mistake") }
    self.name = name
    self.title = title ?? name
    self.protocol = `protocol`
    self.baseline = baseline
    self.problems = problems
    self.optimizers = optimizers
    self.clippings = clippings
    self.learningRates = learningRates
    schedule = schedules[0]
    seeds = override ?? fileSeeds
    (self.budget, timeLimitSeconds) = budget
    self.evaluation = evaluation
    self.explosionFactor = explosionFactor ?? Outcome.defaultExplosionFactor
    gradientTolerance = tolerance
    self.patience = patience
    self.recordsTensors = recordsTensors ?? false
    self.claims = claims ?? []
    self.instruments = instruments

    digest = Self.digest(of: fields, seeds: seeds)
    self.text = seeds == fileSeeds ? text : Self.text(of: fields, withSeeds: seeds)
    try checkPublished(figures)
    if let place = fields["claim"] { try checkClaims(at: place) }
  }

  /// The key that says, as `true`, that other programs made the runs. The file then names problems,
  /// optimizers, clipping strategies and seeds as they were recorded, and there is nothing to train.
  package static let recordedKey = "recorded"

  /// The keys that change no run.
  static let descriptiveKeys = ["title", "baseline", "published", "claim"]

  /// The digest of an experiment file, which need not be read otherwise.
  static func digest(of fields: SettingMapping, seeds: [Int]) -> String {
    var canonical: [String] = []
    for key in Self.keys where !(["seeds"] + Self.descriptiveKeys).contains(key) {
      if let value = fields[key] { canonical.append("\(jsonText(key)):\(value.canonicalJSON)") }
    }
    canonical.append("\"seeds\":[\(seeds.map(String.init).joined(separator: ","))]")
    return Digest.ofText("{" + canonical.joined(separator: ",") + "}")
  }

  /// An experiment file of the same values with other seeds.
  private static func text(of fields: SettingMapping, withSeeds seeds: [Int]) -> String {
    SettingTree.mapping(
      fields.keys.map { key in
        guard key != "seeds", let value = fields[key] else {
          return (key, .list(seeds.map { .integer($0) }))
        }
        return (key, .place(value))
      }
    ).yaml()
  }

  private static func checkFormat(_ version: Setting) throws(SettingsError) {
    guard try version.integer() == 1 else {
      throw version.error("this program reads format 1 of experiment files")
    }
  }

  /// The mapping of an optional key; nil without that key.
  private static func mapping(
    of key: String, in fields: SettingMapping
  ) throws(SettingsError) -> SettingMapping? {
    try fields[key]?.mapping(allowed: subkeys[key] ?? [], synonyms: .experimentSubkeys)
  }

  /// The most letters of a name: files beside the result carry it with something appended.
  private static let longestName = 200

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
    guard name.utf8.count <= longestName else {
      throw setting.error(
        "a name of \(name.utf8.count) letters is too long for a file; allowed: at most "
          + "\(longestName)")
    }
    return name
  }

  /// Throws if two methods would share their runs' keys, which join the labels by a space.
  private static func checkKeys(
    _ optimizers: [OptimizerChoice], _ clippings: [ClippingStrategy], at place: Setting
  ) throws(SettingsError) {
    var known: [String: (String, String)] = [:]
    for optimizer in optimizers {
      for clipping in clippings {
        let key = "\(optimizer.label) \(clipping.label)"
        if let other = known.updateValue((optimizer.label, clipping.label), forKey: key) {
          throw place.error(
            "the labels '\(other.0)' × '\(other.1)' and '\(optimizer.label)' × '\(clipping.label)' "
              + "would name the same runs, '\(key)'; change one of the labels")
        }
      }
    }
  }

  private static func readProblems(_ setting: Setting) throws(SettingsError) -> [ProblemSpec] {
    try distinct(
      setting, read: { (place) throws(SettingsError) in try ProblemSpec.read(place) }, by: \.name
    ) { "two problems are called '\($0)'; give one another 'name'" }
  }

  /// The methods of the list: an entry without a schedule of its own stands for one with each of the
  /// experiment's.
  private static func readOptimizers(
    _ setting: Setting, grid: SettingMapping?, schedules: [ScheduleChoice]
  ) throws(SettingsError) -> [OptimizerChoice] {
    var mistakes = Mistakes()
    var methods: [OptimizerChoice] = []
    // Those without a grid of their own, which would stand in its place.
    var crossed: [OptimizerChoice] = []
    for element in try nonempty(setting) {
      guard let read = mistakes.attempt(try OptimizerChoice.readAll(element, grid: grid)) else {
        continue
      }
      if element.value(of: "grid") == nil { crossed += read }
      for method in read {
        let all =
          method.schedule != nil || schedules.count == 1 ? [method] : schedules.map(method.with)
        for method in all {
          if methods.contains(where: { $0.label == method.label }) {
            mistakes.note(
              element.error(
                "two optimizers are called '\(method.label)'; give one a 'label' of its own"))
          }
          methods.append(method)
        }
      }
    }
    try mistakes.check()
    for key in grid?.keys ?? []
    where !crossed.contains(where: { $0.variants[0].values.contains { $0.name == key } }) {
      mistakes.note(
        (grid?[key] ?? setting).error(
          "no optimizer of this file takes '\(key)' from the grid: none has it, or each gives it "
            + "itself or has a grid of its own"))
    }
    try mistakes.check()
    return methods
  }

  /// The hyperparameters that are crossed with every optimizer that has them.
  private static func readGrid(_ setting: Setting?) throws(SettingsError) -> SettingMapping? {
    guard let setting else { return nil }
    var names: [String] = []
    for entry in optimizerCatalog.entries {
      names += entry.hyperparameters.map(\.name).filter {
        $0 != "learning_rate" && $0 != "base" && !names.contains($0)
      }
    }
    return try setting.mapping(allowed: names, synonyms: .gridOptions)
  }

  private static func readClippings(_ setting: Setting?) throws(SettingsError) -> [ClippingStrategy]
  {
    guard let setting else { return [.none] }
    return try distinct(
      setting, read: { (place) throws(SettingsError) in try ClippingStrategy.read(place) },
      by: \.label
    ) { "two clipping strategies are called '\($0)'; give one a 'label' of its own" }
  }

  /// The elements of a list, each with a name of its own.
  private static func distinct<Value>(
    _ setting: Setting, read: (Setting) throws(SettingsError) -> Value, by name: (Value) -> String,
    explaining explanation: (String) -> String
  ) throws(SettingsError) -> [Value] {
    var mistakes = Mistakes()
    var values: [Value] = []
    for element in try nonempty(setting) {
      guard let value = mistakes.attempt(try read(element)) else { continue }
      if values.contains(where: { name($0) == name(value) }) {
        mistakes.note(element.error(explanation(name(value))))
      }
      values.append(value)
    }
    try mistakes.check()
    return values
  }

  /// The grid of the optimizers that name none; nil where there is no such grid and no need of one.
  private static func readLearningRates(
    _ fields: SettingMapping, for optimizers: [OptimizerChoice], in root: Setting
  ) throws(SettingsError) -> LearningRateGrid? {
    if let setting = fields["learning_rate"] { return try LearningRateGrid.read(setting) }
    if let bare = optimizers.first(where: { $0.learningRates == nil }) {
      _ = try fields.required(
        "learning_rate", because: "the optimizer '\(bare.label)' names none itself")
    }
    return nil
  }

  static func readSeeds(_ setting: Setting) throws(SettingsError) -> [Int] {
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
    let keys = subkeys["budget"] ?? []
    let lengths = keys.filter { $0 != "time_limit_seconds" }
    let fields = try setting.mapping(allowed: keys, synonyms: .experimentSubkeys)
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
