internal import Records

/// One setting of a method's grid, with the seeds planned for it.
struct PlannedSetting {
  var trial: Int
  var learningRate: Double
  /// The values crossed with the learning rate, such as `weight_decay=0.1`; empty without any.
  var further = ""
  var isDefaultLearningRate: Bool
  var seeds: [Int]
}

/// One method on one problem as planned.
struct PlannedMethod {
  var method: Method
  /// By ascending learning rate.
  var settings: [PlannedSetting]

  var runs: Int { settings.reduce(0) { $0 + $1.seeds.count } }
}

/// What an experiment planned: as its result file says, or in files from before the plan was stored,
/// which state only the number of planned runs, inferred from what is stored.
///
/// A spec crosses everything with everything, so what is seen of one method tells what is missing of
/// another. Where that would be more runs than were planned, each problem is crossed for itself;
/// where that is still too many, only what is stored counts as planned.
struct Plan {
  /// The planned methods of each problem, in the header's order.
  let problems: [[PlannedMethod]]
  /// Planned runs of which nothing stored gives a trace.
  let unattributed: Int

  init(_ experiment: ExperimentSummaries) {
    let header = experiment.header
    let names = header.problems.map(\.name)
    guard header.plan.isEmpty else {
      let byProblem = Dictionary(grouping: header.plan, by: \.key.problem)
      problems = names.map { Self.methods(byProblem[$0] ?? []) }
      unattributed = 0
      return
    }
    let byProblem = experiment.problems.map(\.runs)
    let everywhere = Crossing(byProblem.flatMap { $0 })
    let candidates = [
      byProblem.map { everywhere.methods(preferring: Crossing($0)) },
      byProblem.map { runs in Crossing(runs).storedMethods(crossingSeeds: true) },
      byProblem.map { runs in Crossing(runs).storedMethods(crossingSeeds: false) },
    ]
    func total(_ plan: [[PlannedMethod]]) -> Int {
      plan.reduce(0) { $0 + $1.reduce(0) { $0 + $1.runs } }
    }
    problems =
      candidates.first { total($0) <= header.plannedRuns }
      ?? candidates[candidates.count - 1]
    unattributed = max(0, header.plannedRuns - total(problems))
  }

  /// The methods of one problem's entries, in the order of appearance: those of which tables show
  /// runs.
  private static func methods(_ entries: [PlanEntry]) -> [PlannedMethod] {
    var order: [Method] = []
    var settings: [Method: [RunSetting: PlannedSetting]] = [:]
    for entry in entries {
      let method = Method(optimizer: entry.optimizer, clipping: entry.clipping)
      if settings[method] == nil { order.append(method) }
      guard entry.isTabled else {
        if settings[method] == nil { settings[method] = [:] }
        continue
      }
      let further = RunSetting(Array(entry.setting.values.dropFirst())).description
      let new = PlannedSetting(
        trial: entry.trial, learningRate: entry.setting.learningRate, further: further,
        isDefaultLearningRate: entry.isDefault, seeds: [])
      settings[method, default: [:]][entry.setting, default: new].seeds.append(entry.seed)
    }
    return order.filter { settings[$0]?.isEmpty == false }.map { method in
      PlannedMethod(
        method: method,
        settings: settings[method, default: [:]].values
          .sorted { ($0.learningRate, $0.trial) < ($1.learningRate, $1.trial) }
          .map { setting in
            var setting = setting
            setting.seeds.sort()
            return setting
          })
    }
  }
}

/// The methods, settings and seeds that occur among some runs, in the order of appearance.
private struct Crossing {
  private var optimizers: [String] = []
  private var clippings: [String] = []
  private var methods: [Method] = []
  private var seeds: [Int] = []
  /// The settings of each optimizer, with the seeds seen for each method.
  private var trials: [String: [Int: PlannedSetting]] = [:]
  private var stored: [Method: [Int: [Int]]] = [:]

  init(_ runs: [RunSummary]) {
    var seenSeeds: Set<Int> = []
    for run in runs {
      let method = run.method
      if stored[method] == nil {
        methods.append(method)
        if !optimizers.contains(method.optimizer) { optimizers.append(method.optimizer) }
        if !clippings.contains(method.clipping) { clippings.append(method.clipping) }
      }
      seenSeeds.insert(run.seed)
      stored[method, default: [:]][run.trial, default: []].append(run.seed)
      trials[method.optimizer, default: [:]][run.trial] = PlannedSetting(
        trial: run.trial, learningRate: run.learningRate,
        isDefaultLearningRate: run.isDefaultLearningRate, seeds: [])
    }
    seeds = seenSeeds.sorted()
  }

  /// Every optimizer with every clipping at every setting and seed; a setting is taken as `local`,
  /// the same problem's runs, saw it.
  func methods(preferring local: Crossing) -> [PlannedMethod] {
    optimizers.flatMap { optimizer in
      clippings.map { clipping in
        let known = trials[optimizer, default: [:]]
          .merging(local.trials[optimizer, default: [:]]) { $1 }
        return PlannedMethod(
          method: Method(optimizer: optimizer, clipping: clipping),
          settings: sorted(known) { _ in seeds })
      }
    }
  }

  /// The methods that are stored, each setting with all seeds or with its own.
  func storedMethods(crossingSeeds: Bool) -> [PlannedMethod] {
    methods.map { method in
      let own = stored[method, default: [:]]
      let known = trials[method.optimizer, default: [:]].filter { own[$0.key] != nil }
      return PlannedMethod(
        method: method,
        settings: sorted(known) { crossingSeeds ? seeds : own[$0, default: []].sorted() })
    }
  }

  private func sorted(
    _ settings: [Int: PlannedSetting], seeds: (Int) -> [Int]
  ) -> [PlannedSetting] {
    settings.values
      .sorted { ($0.learningRate, $0.trial) < ($1.learningRate, $1.trial) }
      .map { setting in
        var setting = setting
        setting.seeds = seeds(setting.trial)
        return setting
      }
  }
}
