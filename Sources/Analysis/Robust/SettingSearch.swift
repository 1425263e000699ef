/// The search for a method's learning rate together with a setting of its other options, in rounds and
/// with the same budget for every method.
///
/// 1. The rate at the default setting, as `RateScan` searches.
/// 2. Every drawn setting at three rates, half a decade apart round the anchor that the default has: other
///    options move the best rate. At random and on the points of a Halton sequence with all seeds.
///    Successive halving (Jamieson & Talwalkar, 2016) draws more and begins with one seed: the better half goes
///    on with twice as many, until all seeds were used, for no more runs in all.
/// 3. The setting with the best score of any of its rates, the default among them and first among equals; its
///    rate is then bracketed as that of the default was, with the same cap.
///
/// What to try next follows from complete rounds, whatever the order of their runs.
public struct SettingSearch: Sendable {
  public enum Strategy: String, Sendable, CaseIterable { case random, halton, halving }

  /// What the other options may cost: the same for every method.
  public struct Budget: Sendable, Hashable {
    public var strategy = Strategy.halton
    /// Settings that all seeds may try, or as many runs of more settings.
    public var settings = Self.defaultSettings

    public static let defaultSettings = 8
    /// The keys of `tuning` any of which asks for a search beyond the rate.
    public static let keys = ["search", "settings", "axes"]

    public init(strategy: Strategy = .halton, settings: Int = Self.defaultSettings) {
      self.strategy = strategy
      self.settings = settings
    }

    /// The settings that are drawn.
    public func draws(seeds: Int) -> Int {
      guard strategy == .halving else { return settings }
      // One seed of a setting costs as much as any other.
      return (settings...).prefix { Self.cost(of: $0, seeds: seeds) <= settings * seeds }.last
        ?? settings
    }

    /// The rates at which a setting is tried.
    public static let rates = 3

    /// The most runs of drawn settings.
    public func mostRuns(seeds: Int) -> Int { settings * seeds * Self.rates }

    /// The seeds after each round of halving.
    static func rungs(seeds: Int) -> [Int] {
      var rungs: [Int] = []
      while (rungs.last ?? 0) < seeds { rungs.append(min(max(1, 2 * (rungs.last ?? 0)), seeds)) }
      return rungs
    }

    private static func cost(of draws: Int, seeds: Int) -> Int {
      var left = draws
      var before = 0
      var cost = 0
      for rung in rungs(seeds: seeds) {
        cost += left * (rung - before)
        before = rung
        left = (left + 1) / 2
      }
      return cost
    }
  }

  /// Something to run: a setting at a rate, with seeds by their position among those that tune.
  public struct Trial: Sendable, Hashable {
    /// 0 is the default.
    public let setting: Int
    /// On the lattice of `RateScan`.
    public let index: Int
    public let seeds: Range<Int>

    public init(setting: Int, index: Int, seeds: Range<Int>) {
      self.setting = setting
      self.index = index
      self.seeds = seeds
    }
  }

  public let scale: ProgressScale
  /// The most rates that a scan may try.
  public let cap: Int
  private let seeds: Int
  private let strategy: Strategy
  /// The drawn settings, 0 until they are drawn.
  public var settings = 0
  /// By setting and lattice index: what was run.
  private var tried: [Int: [Int: Tried]] = [:]

  private struct Tried: Sendable {
    /// The seeds that were asked for.
    var seeds = 0
    /// The losses of those that said something, by seed; nil for a failed run.
    var losses: [Int: Double?] = [:]

    func losses(ofFirst seeds: Int) -> [Double?] {
      losses.keys.filter { $0 < seeds }.sorted().map { losses[$0] ?? nil }
    }
  }

  public init(scale: ProgressScale, cap: Int, seeds: Int, strategy: Strategy = .halton) {
    self.scale = scale
    self.cap = cap
    self.seeds = seeds
    self.strategy = strategy
  }

  /// Takes what came of a trial: losses by seed, nil for a failed run; none of a run that says nothing.
  public mutating func record(_ losses: [Int: Double?], of trial: Trial) {
    var known = tried[trial.setting]?[trial.index] ?? Tried()
    known.seeds = max(known.seeds, trial.seeds.upperBound)
    known.losses.merge(losses) { $1 }
    tried[trial.setting, default: [:]][trial.index] = known
  }

  /// The search for the rate of a setting: of the rates that all seeds tried.
  public func scan(of setting: Int) -> RateScan {
    var scan = RateScan(reference: scale.referencePosition, cap: cap)
    for (index, losses) in losses(of: setting) {
      scan.record(scale.score(ofTuning: losses), at: index)
    }
    return scan
  }

  /// The losses of a setting by lattice index, of the rates that all seeds tried.
  public func losses(of setting: Int) -> [Int: [Double?]] {
    (tried[setting] ?? [:]).filter { $0.value.seeds == seeds && !$0.value.losses.isEmpty }
      .mapValues { $0.losses(ofFirst: seeds) }
  }

  /// Whether the rate of the default setting is found, so that others can be drawn.
  public var isDefaultDone: Bool { wanted(of: 0).isEmpty }

  /// The setting to go on with: the default until others were tried with all seeds.
  public var choice: Int {
    guard settings > 0, roundOfSettings.isEmpty, let finalists = stages.last?.settings,
      let best = best(of: finalists, count: 1, seeds: seeds).first
    else { return 0 }
    let scan = scan(of: 0)
    let byDefault = scan.best.flatMap { scan.scores[$0] } ?? .infinity
    return score(of: best, seeds: seeds) < byDefault ? best : 0
  }

  /// What to run next; empty when the search is over, or others have to be drawn.
  public func nextRound() -> [Trial] {
    let first = wanted(of: 0)
    if !first.isEmpty || settings == 0 { return first }
    let round = roundOfSettings
    return round.isEmpty ? wanted(of: choice) : round
  }

  /// The rates that a scan asks for. One whose runs all failed to say anything is not asked for again.
  private func wanted(of setting: Int) -> [Trial] {
    scan(of: setting).nextRound().filter { tried[setting]?[$0] == nil }.map {
      Trial(setting: setting, index: $0, seeds: 0..<seeds)
    }
  }

  /// The rates at which settings are tried.
  public var centre: [Int] {
    let scan = scan(of: 0)
    let middle = scan.anchor.map { Int($0.position.rounded()) } ?? scan.best ?? 0
    return [middle - 2, middle, middle + 2]
  }

  /// The rounds of settings as far as they are decided.
  private var stages: [(settings: [Int], seeds: Range<Int>)] {
    let rungs = strategy == .halving ? Budget.rungs(seeds: seeds) : [seeds]
    var stages: [(settings: [Int], seeds: Range<Int>)] = []
    var left = Array(1...settings)
    for rung in rungs {
      let stage = (settings: left, seeds: (stages.last?.seeds.upperBound ?? 0)..<rung)
      stages.append(stage)
      guard isDone(stage) else { break }
      left = best(of: left, count: (left.count + 1) / 2, seeds: rung).sorted()
    }
    return stages
  }

  private func isDone(_ stage: (settings: [Int], seeds: Range<Int>)) -> Bool {
    let centre = centre
    return stage.settings.allSatisfy { setting in
      centre.allSatisfy { tried[setting]?[$0]?.seeds ?? 0 >= stage.seeds.upperBound }
    }
  }

  private var roundOfSettings: [Trial] {
    guard let stage = stages.last, !isDone(stage) else { return [] }
    let centre = centre
    return stage.settings.flatMap { setting in
      centre.map { Trial(setting: setting, index: $0, seeds: stage.seeds) }
    }
  }

  /// The best settings by score, the first among equals.
  private func best(of settings: [Int], count: Int, seeds: Int) -> [Int] {
    let scores = settings.map { score(of: $0, seeds: seeds) }
    return settings.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
      .prefix(count).map { settings[$0] }
  }

  /// The score of the best of the rates at which settings are tried, by the first seeds.
  private func score(of setting: Int, seeds: Int) -> Double {
    centre.compactMap { index in
      let losses = tried[setting]?[index]?.losses(ofFirst: seeds) ?? []
      return losses.isEmpty ? nil : scale.score(ofTuning: losses)
    }.min() ?? .infinity
  }
}
