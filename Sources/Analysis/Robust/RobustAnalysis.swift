public import Records
internal import Settings
internal import Statistics

/// What the robust protocol found on one problem: every method at its own tuned rate and at multiples
/// of it, held against a baseline that was named beforehand.
public struct RobustAnalysis: Sendable {
  public let problem: ProblemRecord
  public let scale: ProgressScale
  /// Every method, in the order of the plan.
  public let planned: [Method]
  /// Whose runs are whole, in the order of the plan.
  public let methods: [RobustMethod]
  /// The methods that cannot be judged because runs of theirs are missing or say nothing.
  public let unfinished: [Method]
  /// nil without methods.
  public let comparison: RobustComparison?
  /// Whether the experiment file names the baseline, and its runs are whole.
  public let isBaselineDeclared: Bool
  public let tuningSeeds: [Int]
  public let evaluationSeeds: [Int]
  /// The most rates that a method might try.
  public let cap: Int
  /// What each method might spend on settings of its other options; nil where the rate alone was tuned.
  public let budget: SettingSearch.Budget?

  /// The positions of the methods, the greatest robust progress first; by the tuned loss where the
  /// problem has no lower bound. A method that does not train comes last.
  public let order: [Int]

  /// nil where the problem's runs belong to a grid, or its reference loss is not known.
  init?(
    _ problem: ProblemRecord, plan: [PlanEntry], _ summaries: [RunSummary], spec: String,
    _ options: AnalysisOptions
  ) {
    // Runs that the file named earlier belong to another search.
    let plan = plan.filter(\.isNamed)
    guard let scale = ProgressScale(problem), plan.contains(where: { $0.purpose != .grid })
    else { return nil }
    let entries = Dictionary(grouping: plan) {
      Method(optimizer: $0.optimizer, clipping: $0.clipping)
    }
    var names: [Method] = []
    for entry in plan where entry.purpose != .grid {
      let method = Method(optimizer: entry.optimizer, clipping: entry.clipping)
      if !names.contains(method) { names.append(method) }
    }
    func seeds(_ isWanted: (RunPurpose) -> Bool) -> [Int] {
      Set(plan.filter { isWanted($0.purpose) }.map(\.seed)).sorted()
    }
    let tuningSeeds = seeds { if case .tuning = $0 { true } else { false } }
    let evaluationSeeds = seeds { if case .evaluation = $0 { true } else { false } }
    let byKey = Dictionary(summaries.map { ($0.key, $0) }) { first, _ in first }
    let (cap, budget) = Self.tuning(spec: spec)
    let lastRound = plan.map(\.round).max() ?? 0
    var methods: [RobustMethod] = []
    var unfinished: [Method] = []
    for name in names {
      let own = entries[name] ?? []
      let runs = RobustRuns(
        own, byKey, tuningSeeds: tuningSeeds, evaluationSeeds: evaluationSeeds)
      let search = runs.search(scale, cap: cap, budget)
      let method = RobustMethod(
        name, runs, search, evaluationSeeds: evaluationSeeds.count, scale: scale, options: options)
      // Settings may still have to be drawn where nothing was planned after the method's last round.
      let isAwaiting =
        budget != nil && search.settings == 0 && own.map(\.round).max() == lastRound
      // Without a tuned rate there is no more to run only once the search is over.
      let isOver = method.tunedRate == nil && search.nextRound().isEmpty && !isAwaiting
      if runs.isWhole, isOver || method.ladder != nil {
        methods.append(method)
      } else {
        unfinished.append(name)
      }
    }
    let baseline = Self.declaredBaseline(of: methods.map(\.method), spec: spec)
    self.problem = problem
    self.scale = scale
    planned = names
    isBaselineDeclared = baseline != nil
    self.methods = methods
    self.unfinished = unfinished
    self.tuningSeeds = tuningSeeds
    self.evaluationSeeds = evaluationSeeds
    self.cap = cap
    self.budget = budget
    comparison =
      methods.isEmpty || evaluationSeeds.isEmpty
      ? nil
      : RobustComparison(
        methods, baseline: baseline ?? methods.firstIndex { $0.method.label == "adamw" } ?? 0,
        scale: scale, options: options)
    // Without a ladder comes last, and then by the score that tuning saw.
    let keys = methods.map { method -> (Double, Double) in
      let progress = method.meanRobustProgress ?? -method.tunedPosition
      return method.ladder == nil ? (.infinity, 0) : (-progress, method.tunedPosition)
    }
    let labels = methods.map(\.method.label)
    order = methods.indices.sorted {
      (keys[$0].0, keys[$0].1, labels[$0]) < (keys[$1].0, keys[$1].1, labels[$1])
    }
  }

  /// The method that the file's `baseline` names; nil where it names none of them. Then adamw unclipped
  /// is the baseline, or else the first method.
  private static func declaredBaseline(of methods: [Method], spec: String) -> Int? {
    let named = (try? Setting.parse(spec, file: "spec"))?.value(of: "baseline")
    let name = named.flatMap { try? $0.text() }
    return name.flatMap { name in
      methods.firstIndex { $0.label == name } ?? methods.firstIndex { $0.optimizer == name }
    }
  }

  /// The caps of the key `tuning`.
  private static func tuning(spec: String) -> (rates: Int, SettingSearch.Budget?) {
    let tuning = (try? Setting.parse(spec, file: "spec"))?.value(of: "tuning")
    let rates = (try? tuning?.value(of: "rates")?.integer()) ?? RateScan.cap
    guard SettingSearch.Budget.keys.contains(where: { tuning?.value(of: $0) != nil }) else {
      return (rates, nil)
    }
    var budget = SettingSearch.Budget()
    let strategy = try? tuning?.value(of: "search")?.text()
    budget.strategy = strategy.flatMap { SettingSearch.Strategy(rawValue: $0) } ?? budget.strategy
    budget.settings = (try? tuning?.value(of: "settings")?.integer()) ?? budget.settings
    return (rates, budget)
  }
}
