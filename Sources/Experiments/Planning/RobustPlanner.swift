package import Analysis
internal import Optimizers
internal import Problems
internal import Records
internal import Statistics

/// The robust protocol: the search for each method's learning rate on each problem (`RateScan`), then
/// the method at fixed multiples of what was found (`StressLadder`), on seeds that tuned nothing.
///
/// A rate is judged by the final loss on the validation split alone (on the training split where a
/// problem has none); the test split decides nothing. A method that does not train is not evaluated.
package struct RobustPlanner: Planner {
  /// The search of one method on one problem.
  private struct Search {
    let first: PlannedRun
    let scale: ProgressScale
    var scan: RateScan
    /// The rates tried, in their order.
    var tried: [Int]
    var isEvaluated = false
  }

  private var searches: [Search] = []
  /// The search and the lattice index of each run that tunes.
  private var places: [RunKey: (search: Int, index: Int)] = [:]
  /// The runs of the last round.
  private var latest: Set<RunKey> = []

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
            scan: RateScan(reference: scale.referencePosition, cap: tuning.rates), tried: []))
      }
      guard let search = known[method] else { continue }
      if !searches[search].tried.contains(index) { searches[search].tried.append(index) }
      places[run.key] = (search, index)
    }
  }

  /// Takes in the results of the last round.
  private mutating func record(_ results: [RunSummary]) {
    var losses: [Int: [Int: [Double?]]] = [:]
    for result in results where latest.contains(result.key) && result.isJudged {
      guard let (search, index) = places[result.key] else { continue }
      losses[search, default: [:]][index, default: []].append(result.selectionLoss)
    }
    for (search, byIndex) in losses {
      let scale = searches[search].scale
      for (index, losses) in byIndex {
        searches[search].scan.record(scale.score(ofTuning: losses), at: index)
      }
    }
  }

  private mutating func next(
    of position: Int, _ plan: ExperimentPlan, _ tuning: ExperimentProtocol.Tuning
  ) -> [PlannedRun] {
    let search = searches[position]
    let origin = plan.spec.searchOrigin(of: search.first)
    // A rate whose runs all failed to say anything is not asked for again.
    let indices = search.scan.nextRound().filter { !search.tried.contains($0) }
    if !indices.isEmpty {
      return indices.flatMap { index in
        let trial = searches[position].tried.count
        searches[position].tried.append(index)
        return tuning.seeds.map { seed in
          let run = plan.run(
            like: search.first, learningRate: RateScan.rate(origin: origin, index: index),
            trial: trial, seed: seed,
            purpose: .tuning(multiple: RateScan.multiple(index: index)))
          places[run.key] = (position, index)
          return run
        }
      }
    }
    guard !search.isEvaluated else { return [] }
    searches[position].isEvaluated = true
    guard
      let tuned = RobustMethod.tunedRate(of: search.scan, origin: origin, scale: search.scale)
    else { return [] }
    return StressLadder.multiples.enumerated().flatMap { rung, multiple in
      plan.spec.seeds.map { seed in
        plan.run(
          like: search.first, learningRate: LearningRateGrid.roundedToSixDigits(tuned * multiple),
          trial: tuning.rates + rung, seed: seed, purpose: .evaluation(multiple: multiple))
      }
    }
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
    optimizer.learningRates?.values.first ?? optimizer.defaultLearningRate
  }

  fileprivate func searchOrigin(of run: PlannedRun) -> Double {
    searchOrigin(of: optimizers[run.optimizer])
  }

  /// The runs of a method on a problem if its search takes all the rates that it may.
  var mostRunsOfARobustMethod: Int {
    guard case .robust(let tuning) = self.protocol else { return 0 }
    return tuning.rates * tuning.seeds.count + StressLadder.multiples.count * seeds.count
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
