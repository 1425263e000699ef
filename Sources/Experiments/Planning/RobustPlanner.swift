package import Analysis
internal import Optimizers
internal import Problems
internal import Records
internal import Statistics
internal import Tensors

/// The robust protocol: the search for each method's learning rate on each problem, and for a setting of
/// its other options where the file asks for that (`SettingSearch`), then the method at fixed multiples of
/// the rate that was found (`StressLadder`), on seeds that tuned nothing.
///
/// A trial is judged by the final loss on the validation split alone (on the training split where a
/// problem has none); the test split decides nothing. A method that does not train is not evaluated.
package struct RobustPlanner: Planner {
  /// The search of one method on one problem.
  private struct Search {
    let first: PlannedRun
    let scale: ProgressScale
    var search: SettingSearch
    /// The drawn settings; nil before they are drawn.
    var settings: [MethodSetting]?
    /// The lattice indices tried, in their order, by setting.
    var tried: [Int: [Int]] = [:]
    /// The norm of the gradient at the start, by seed.
    var startNorms: [Int: Double] = [:]
    var isEvaluated = false

    /// The setting of a trial; nil for the default.
    func setting(_ number: Int) -> MethodSetting? { number == 0 ? nil : settings?[number - 1] }
  }

  private struct Place {
    let search: Int
    let trial: SettingSearch.Trial
    let seed: Int
  }

  private var searches: [Search] = []
  /// What each run that tunes is for.
  private var places: [RunKey: Place] = [:]
  /// The runs of the last round.
  private var latest: Set<RunKey> = []
  /// The seeds that tune, ascending.
  private var seeds: [Int] = []

  package init() {}

  package mutating func nextRound(
    of plan: ExperimentPlan, after results: () throws -> [RunSummary]
  ) throws -> [PlannedRun] {
    guard case .robust(let tuning) = plan.spec.protocol else {
      preconditionFailure("the robust planner plans the robust protocol")
    }
    if searches.isEmpty {
      try begin(plan, tuning)
      latest = Set(plan.runs.map(\.key))
      return plan.runs
    }
    record(try results())
    let round = searches.indices.flatMap { next(of: $0, plan, tuning) }
    latest = Set(round.map(\.key))
    return round
  }

  private mutating func begin(
    _ plan: ExperimentPlan, _ tuning: ExperimentProtocol.Tuning
  ) throws {
    seeds = tuning.seeds.sorted()
    var known: [[Int]: Int] = [:]
    for run in plan.runs {
      guard case .tuning(let multiple) = run.purpose else { continue }
      let method = [run.problem, run.optimizer, run.clipping]
      let index = RateScan.index(multiple: multiple)
      if known[method] == nil {
        known[method] = searches.count
        let problem = plan.problems[run.problem]
        guard
          let scale = ProgressScale(
            ProblemRecord(problem, steps: plan.trainingPlans[run.problem].steps))
        else {
          throw PlanError(
            "problem '\(problem.name)' has no reference loss, which the robust protocol measures "
              + "progress from; write protocol: grid")
        }
        searches.append(
          Search(
            first: run, scale: scale,
            search: SettingSearch(
              scale: scale, cap: tuning.rates, seeds: seeds.count,
              strategy: tuning.settings?.strategy ?? .halton)))
      }
      guard let search = known[method] else { continue }
      if !searches[search].tried[0, default: []].contains(index) {
        searches[search].tried[0, default: []].append(index)
      }
      let trial = SettingSearch.Trial(setting: 0, index: index, seeds: seeds.indices)
      searches[search].search.record([:], of: trial)
      places[run.key] = Place(search: search, trial: trial, seed: run.seed)
    }
  }

  /// Takes in the results of the last round.
  private mutating func record(_ results: [RunSummary]) {
    var losses: [Int: [SettingSearch.Trial: [Int: Double?]]] = [:]
    for result in results where latest.contains(result.key) && result.isJudged {
      guard let place = places[result.key], let seed = seeds.firstIndex(of: place.seed) else {
        continue
      }
      losses[place.search, default: [:]][place.trial, default: [:]][seed] = .some(
        result.selectionLoss)
      if place.trial.setting == 0, place.trial.index == 0 {
        searches[place.search].startNorms[place.seed] = result.startGradientNorm
      }
    }
    for (search, byTrial) in losses {
      for (trial, losses) in byTrial { searches[search].search.record(losses, of: trial) }
    }
  }

  private mutating func next(
    of position: Int, _ plan: ExperimentPlan, _ tuning: ExperimentProtocol.Tuning
  ) -> [PlannedRun] {
    if searches[position].settings == nil, searches[position].search.isDefaultDone {
      let settings = draw(for: searches[position], plan, tuning)
      searches[position].settings = settings
      searches[position].search.settings = settings.count
    }
    let trials = searches[position].search.nextRound()
    if !trials.isEmpty { return trials.flatMap { runs(of: $0, in: position, plan, tuning) } }
    let search = searches[position]
    guard !search.isEvaluated else { return [] }
    searches[position].isEvaluated = true
    let choice = search.search.choice
    guard
      let tuned = RobustMethod.tunedRate(
        of: search.search.scan(of: choice), origin: plan.spec.searchOrigin(of: search.first),
        scale: search.scale)
    else { return [] }
    let before = tuning.rates * (1 + search.search.settings)
    return StressLadder.multiples.enumerated().flatMap { rung, multiple in
      plan.spec.seeds.map { seed in
        plan.run(
          like: search.first, learningRate: LearningRateGrid.roundedToSixDigits(tuned * multiple),
          trial: before + rung, seed: seed, purpose: .evaluation(multiple: multiple),
          setting: search.setting(choice))
      }
    }
  }

  private mutating func runs(
    of trial: SettingSearch.Trial, in position: Int, _ plan: ExperimentPlan,
    _ tuning: ExperimentProtocol.Tuning
  ) -> [PlannedRun] {
    let first = searches[position].first
    // A trial whose runs all fail to say anything was tried nevertheless.
    searches[position].search.record([:], of: trial)
    var tried = searches[position].tried[trial.setting] ?? []
    if !tried.contains(trial.index) { tried.append(trial.index) }
    searches[position].tried[trial.setting] = tried
    let place = tried.firstIndex(of: trial.index) ?? 0
    return trial.seeds.map { seeds[$0] }.map { seed in
      let run = plan.run(
        like: first,
        learningRate: RateScan.rate(
          origin: plan.spec.searchOrigin(of: first), index: trial.index),
        trial: tuning.rates * trial.setting + place, seed: seed,
        purpose: .tuning(multiple: RateScan.multiple(index: trial.index)),
        setting: searches[position].setting(trial.setting))
      places[run.key] = Place(search: position, trial: trial, seed: seed)
      return run
    }
  }

  /// The settings to try beside the default.
  private func draw(
    for search: Search, _ plan: ExperimentPlan, _ tuning: ExperimentProtocol.Tuning
  ) -> [MethodSetting] {
    let optimizer = plan.spec.optimizers[search.first.optimizer]
    // Where not even the default can be judged, nothing can.
    guard let budget = tuning.settings, search.search.scan(of: 0).best != nil,
      let space = plan.spec.space(of: optimizer, plan.spec.clippings[search.first.clipping])
    else { return [] }
    let norms = search.startNorms.values.sorted()
    return SettingDraw(budget, seeds: tuning.seeds).settings(
      of: space,
      MethodSpace.Units(
        startGradientNorm: norms.isEmpty ? nil : median(norms),
        layout: plan.problems[search.first.problem].layout,
        steps: plan.trainingPlans[search.first.problem].steps))
  }
}

extension ExperimentSpec {
  /// The rates of the first round.
  func firstRates(of optimizer: OptimizerChoice) -> [(value: Double, purpose: RunPurpose)] {
    guard case .robust(let tuning) = self.protocol else {
      return ((optimizer.learningRates ?? learningRates)?.values ?? []).map { ($0, .grid) }
    }
    let origin = searchOrigin(of: optimizer)
    return RateScan(reference: 0, cap: tuning.rates).nextRound().map { index in
      (
        RateScan.rate(origin: origin, index: index),
        .tuning(multiple: RateScan.multiple(index: index))
      )
    }
  }

  /// The seeds of the first round.
  var firstSeeds: [Int] { self.protocol.tuning?.seeds ?? seeds }

  /// The learning rate that the search for a method's starts from: the file's, or the catalog's.
  private func searchOrigin(of optimizer: OptimizerChoice) -> Double {
    let start = optimizer.learningRates?.values.first ?? optimizer.defaultLearningRate
    guard let offset = self.protocol.tuning?.offset, offset != 0 else { return start }
    return rounded(start * power(10, offset), toSignificantDigits: 6)
  }

  fileprivate func searchOrigin(of run: PlannedRun) -> Double {
    searchOrigin(of: optimizers[run.optimizer])
  }

  /// The runs of a method on a problem if its search takes all that it may.
  var mostRunsOfARobustMethod: Int {
    guard case .robust(let tuning) = self.protocol else { return 0 }
    let count = tuning.seeds.count
    // The chosen setting's rates include those at which it was tried.
    let settings =
      tuning.settings.map {
        $0.mostRuns(seeds: count) + (tuning.rates - SettingSearch.Budget.rates) * count
      } ?? 0
    return tuning.rates * count + settings + StressLadder.multiples.count * seeds.count
  }

  /// The share of a method's runs that do not tune, at the least.
  var shareOfRunsThatRank: Double {
    guard self.protocol != .grid else { return 1 }
    return Double(StressLadder.multiples.count * seeds.count) / Double(mostRunsOfARobustMethod)
  }

  /// What decides on the runs, round by round.
  var planner: any Planner { self.protocol == .grid ? GridPlanner() : RobustPlanner() }
}

extension ExperimentPlan {
  /// The most runs that come of `first`, some runs of the first round: themselves under a grid, all
  /// rates and rungs of their methods under the robust protocol.
  public func mostRuns(among first: [PlannedRun]) -> Int {
    guard spec.protocol != .grid else { return first.count }
    let methods = Set(first.map { [$0.problem, $0.optimizer, $0.clipping] })
    return methods.count * spec.mostRunsOfARobustMethod
  }
}
