internal import Records

/// The runs of one method on one problem by what they are for.
struct RobustRuns {
  /// The runs of one setting at one rate.
  struct Tried {
    let trial: SettingSearch.Trial
    let learningRate: Double
    /// In the order of the tuning seeds.
    let runs: [RunSummary]
  }

  /// The drawn settings in the order of the draw, behind the default, which has no values.
  var settings = [RunSetting([])]
  /// By setting, then lattice index ascending.
  var tuning: [Tried] = []
  /// By multiple: the rate and its runs, in the order of the evaluation seeds.
  var ladder: [(multiple: Double, learningRate: Double, runs: [RunSummary])] = []
  /// The rate that the search starts from.
  var origin = Double.nan
  /// Whether every planned run is there and says something.
  var isWhole = true
  private let tuningSeeds: [Int]

  init(
    _ entries: [PlanEntry], _ byKey: [RunKey: RunSummary], tuningSeeds: [Int],
    evaluationSeeds: [Int]
  ) {
    self.tuningSeeds = tuningSeeds
    var byTrial: [[Int]: (rate: Double, runs: [RunSummary])] = [:]
    var byRung: [Int: (rate: Double, runs: [RunSummary])] = [:]
    settings += Self.drawn(entries)
    for entry in entries.sorted(by: { $0.seed < $1.seed }) {
      guard let run = byKey[entry.key], run.isJudged else {
        if entry.purpose != .grid { isWhole = false }
        continue
      }
      switch entry.purpose {
      case .grid: continue
      case .tuning(let multiple):
        let index = RateScan.index(multiple: multiple)
        let setting = settings.firstIndex(of: entry.setting.further) ?? 0
        byTrial[[setting, index], default: (run.learningRate, [])].runs.append(run)
        if setting == 0, index == 0 { origin = run.learningRate }
      case .evaluation(let multiple):
        guard let rung = StressLadder.multiples.firstIndex(of: multiple) else { continue }
        byRung[rung, default: (run.learningRate, [])].runs.append(run)
      }
    }
    tuning = byTrial.keys.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { place in
      byTrial[place].map { tried in
        Tried(
          trial: SettingSearch.Trial(
            setting: place[0], index: place[1], seeds: 0..<tried.runs.count),
          learningRate: tried.rate, runs: tried.runs)
      }
    }
    if byRung.count == StressLadder.multiples.count,
      byRung.values.allSatisfy({ $0.runs.map(\.seed) == evaluationSeeds })
    {
      ladder = StressLadder.multiples.indices.compactMap { rung in
        byRung[rung].map { (StressLadder.multiples[rung], $0.rate, $0.runs) }
      }
    }
  }

  /// The settings other than the default, as they were drawn.
  private static func drawn(_ entries: [PlanEntry]) -> [RunSetting] {
    var first: [RunSetting: Int] = [:]
    for entry in entries where entry.purpose.name == "tuning" {
      let setting = entry.setting.further
      if setting.values.isEmpty { continue }
      first[setting] = min(first[setting] ?? .max, entry.trial)
    }
    return first.sorted { $0.value < $1.value }.map(\.key)
  }

  /// The search with what came of it so far.
  func search(
    _ scale: ProgressScale, cap: Int, _ budget: SettingSearch.Budget?
  ) -> SettingSearch {
    var search = SettingSearch(
      scale: scale, cap: cap, seeds: tuningSeeds.count, strategy: budget?.strategy ?? .halton)
    search.settings = settings.count - 1
    for tried in tuning {
      let losses = tried.runs.map { run in
        (tuningSeeds.firstIndex(of: run.seed) ?? 0, run.selectionLoss)
      }
      search.record(Dictionary(uniqueKeysWithValues: losses), of: tried.trial)
    }
    return search
  }
}

extension RunSetting {
  /// The values beside the learning rate.
  var further: RunSetting { RunSetting(Array(values.dropFirst())) }
}
