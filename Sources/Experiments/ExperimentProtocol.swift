public import Analysis
internal import Optimizers
internal import Settings

/// How an experiment comes by its learning rates: the value of the key `protocol`.
public enum ExperimentProtocol: Sendable, Equatable {
  /// Every rate that the file names, with every seed.
  case grid
  /// The robust protocol (`docs/protocol.md`): each method's rate is searched for, then the method is
  /// run at the same multiples of its own rate on other seeds.
  case robust(Tuning)

  /// The key `tuning`: what every method may spend on its learning rate and on settings of its other
  /// options.
  public struct Tuning: Sendable, Equatable {
    /// The seeds that tune, none of which evaluates.
    public var seeds: [Int]
    /// The most rates that a method may try.
    public var rates = RateScan.cap
    /// What settings may cost; nil where the rate alone is tuned.
    public var settings: SettingSearch.Budget?
    /// The options that settings are drawn for; nil for all that have a search space.
    public var axes: [String]?
    /// By how many decades every search starts above the rate that it would start from.
    public var offset = 0.0

    /// How many seeds tune if the file does not say.
    public static let defaultSeeds = 5
    /// Where tuning seeds begin that the file only counts.
    public static let firstSeed = 1000
  }

  static let keys = ["seeds", "rates", "offset"] + SettingSearch.Budget.keys

  public var tuning: Tuning? {
    if case .robust(let tuning) = self { tuning } else { nil }
  }

  /// Reads the keys `protocol` and `tuning`.
  ///
  /// - Parameters:
  ///   - evaluationSeeds: The experiment's `seeds`.
  ///   - names: The options that any method of the experiment lets be searched for.
  static func read(
    _ setting: Setting?, tuning: Setting?, evaluationSeeds: [Int], searched names: [String]
  ) throws(SettingsError) -> ExperimentProtocol {
    let name = try setting?.text() ?? "grid"
    switch name {
    case "robust": return .robust(try read(tuning, evaluationSeeds, names))
    case "grid":
      if let tuning {
        throw tuning.error(
          "only 'protocol: robust' tunes; leave 'tuning' out, or give the protocol")
      }
      return .grid
    default:
      guard let setting else { return .grid }
      throw setting.error("'\(name)' is no protocol; allowed: grid, robust")
    }
  }

  private static func read(
    _ setting: Setting?, _ evaluationSeeds: [Int], _ searched: [String]
  ) throws(SettingsError) -> Tuning {
    let fields = try setting?.mapping(allowed: keys, synonyms: .experimentSubkeys)
    var tuning = Tuning(seeds: [])
    let place = fields?["seeds"]
    if let place, place.isSequence {
      tuning.seeds = try ExperimentSpec.readSeeds(place)
      if let shared = tuning.seeds.first(where: evaluationSeeds.contains) {
        throw place.error(
          "the seed \(shared) evaluates as well (seeds); seeds that tune must not evaluate")
      }
    } else {
      let count = try place?.integer(in: 1...1000) ?? Tuning.defaultSeeds
      let taken = Set(evaluationSeeds)
      tuning.seeds = Array(
        (Tuning.firstSeed...).lazy.filter { !taken.contains($0) }.prefix(count))
    }
    if let rates = try fields?["rates"]?.integer(in: RateScan.smallestCap...1000) {
      tuning.rates = rates
    }
    tuning.offset = try fields?["offset"]?.number(in: NumberRange(lower: -3, upper: 3)) ?? 0
    guard let setting, let fields, SettingSearch.Budget.keys.contains(where: { fields[$0] != nil })
    else {
      return tuning
    }
    var budget = SettingSearch.Budget()
    if let place = fields["search"] {
      let name = try place.choice(
        of: SettingSearch.Strategy.allCases.map(\.rawValue), kind: "search")
      budget.strategy = SettingSearch.Strategy(rawValue: name) ?? budget.strategy
    }
    if let settings = try fields["settings"]?.integer(in: 1...1000) { budget.settings = settings }
    tuning.settings = budget
    tuning.axes = try readAxes(fields["axes"], searched)
    guard !searched.isEmpty else {
      throw setting.error(
        "no method of this file has an option to search for: none declares a search space "
          + "('optbench list' prints them), or the file gives each; leave search, settings and axes out"
      )
    }
    return tuning
  }

  /// The options to search for; nil for all.
  private static func readAxes(
    _ setting: Setting?, _ searched: [String]
  ) throws(SettingsError) -> [String]? {
    guard let setting else { return nil }
    if !setting.isSequence, try setting.text() == "all" { return nil }
    let known = MethodSpace.names
    var mistakes = Mistakes()
    var axes: [String] = []
    for place in setting.isSequence ? try setting.elements() : [setting] {
      guard
        let name = mistakes.attempt(
          try place.choice(
            of: ["all"] + known, kind: "option with a search space",
            synonyms: .searchedOptions))
      else { continue }
      if name == "all" {
        mistakes.note(place.error("'all' stands alone: axes: all"))
      } else if axes.contains(name) {
        mistakes.note(place.error("'\(name)' is given twice; keep one"))
      } else if !searched.contains(name) {
        mistakes.note(
          place.error(
            "no method of this file has '\(name)' to search for: none has it, or the file gives it; "
              + "allowed: \((["all"] + searched).joined(separator: ", "))"))
      } else {
        axes.append(name)
      }
    }
    try mistakes.check()
    guard !axes.isEmpty else {
      throw setting.error("the list is empty; give at least one option, or axes: all")
    }
    return axes
  }
}

extension ExperimentSpec {
  /// Under the robust protocol the rates are searched for; an optimizer may name the one from which.
  static func requireStarts(
    _ fields: SettingMapping, of optimizers: [OptimizerChoice]
  ) throws(SettingsError) -> LearningRateGrid? {
    let remedy = "leave it out, or write protocol: grid"
    if let setting = fields["learning_rate"] {
      throw setting.error("'protocol: robust' searches for each method's own rate; \(remedy)")
    }
    if let setting = fields["grid"] {
      throw setting.error("'protocol: robust' takes one setting of each optimizer; \(remedy)")
    }
    for (index, optimizer) in optimizers.enumerated() {
      let place = (try? fields["optimizers"]?.elements())?.first { element in
        (try? OptimizerChoice.readAll(element))?.contains { $0.label == optimizer.label } ?? false
      }
      guard let place = place ?? fields["optimizers"] else { continue }
      if optimizer.variants.count > 1 {
        throw place.error(
          "optimizer \(index + 1): 'protocol: robust' takes one setting of each optimizer; list the "
            + "others as optimizers of their own, or write protocol: grid")
      }
      if let rates = optimizer.learningRates, rates.values.count > 1 {
        throw place.error(
          "optimizer '\(optimizer.label)': 'protocol: robust' searches from one learning rate; give "
            + "one, leave it out for the default, or write protocol: grid")
      }
    }
    return nil
  }

  /// The method that others are held against: an optimizer's label, or that of a method as tables have
  /// it.
  static func readBaseline(
    _ setting: Setting?, _ optimizers: [OptimizerChoice], _ clippings: [ClippingStrategy]
  ) throws(SettingsError) -> String? {
    guard let setting else { return nil }
    let name = try setting.text()
    let labels = optimizers.flatMap { optimizer in
      clippings.map { Analysis.Method(optimizer: optimizer.label, clipping: $0.label).label }
    }
    if labels.contains(name) || optimizers.isEmpty { return name }
    if optimizers.contains(where: { $0.label == name }), let first = clippings.first {
      return Analysis.Method(optimizer: name, clipping: first.label).label
    }
    throw setting.error(
      "no method of this file is called '\(name)'; allowed: \(labels.joined(separator: ", "))")
  }
}
