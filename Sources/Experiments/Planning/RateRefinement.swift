package import Analysis
internal import Optimizers
internal import Records

/// The file's grid, then for each method on each problem the rates half-way, on the logarithmic axis,
/// between its best learning rate and the neighbours of that; as often as asked for.
///
/// The best is that of the smallest mean of the final validation loss (training loss where there is no
/// validation split), failed runs counting as infinite; among equals the smallest.
package struct RateRefinement: Planner {
  private var roundsLeft: Int
  private var planned: [RunKey: PlannedRun] = [:]
  private var order: [Group] = []

  /// A method with its further hyperparameters on a problem.
  private struct Group: Hashable {
    let problem: Int
    let optimizer: Int
    let variant: Int
    let clipping: Int

    init(_ run: PlannedRun) {
      problem = run.problem
      optimizer = run.optimizer
      variant = run.variant
      clipping = run.clipping
    }
  }

  package init(refinements: Int = 1) { roundsLeft = refinements }

  package mutating func nextRound(
    of plan: ExperimentPlan, after results: () throws -> [RunSummary]
  ) throws -> [PlannedRun] {
    var round: [PlannedRun] = []
    if planned.isEmpty {
      round = plan.runs
      for run in round where !order.contains(Group(run)) { order.append(Group(run)) }
    } else if roundsLeft > 0 {
      roundsLeft -= 1
      round = refined(plan, after: try results())
    }
    for run in round { planned[run.key] = run }
    return round
  }

  private func refined(_ plan: ExperimentPlan, after results: [RunSummary]) -> [PlannedRun] {
    var costs: [Group: [Double: [Double]]] = [:]
    for result in results {
      guard let run = planned[result.key] else { continue }
      costs[Group(run), default: [:]][run.learningRate, default: []].append(result.cost)
    }
    let known = Dictionary(grouping: planned.values, by: Group.init)
    return order.flatMap { group -> [PlannedRun] in
      let own = costs[group] ?? [:]
      let rates = own.keys.sorted()
      let means = rates.map { rate in
        let costs = own[rate] ?? []
        return costs.reduce(0, +) / Double(costs.count)
      }
      guard let best = means.indices.min(by: { means[$0] < means[$1] }),
        let template = known[group]?.first
      else { return [] }
      let neighbours = [best - 1, best + 1].filter(rates.indices.contains)
      let middles = neighbours.map {
        LearningRateGrid.roundedToSixDigits((rates[best] * rates[$0]).squareRoot())
      }
      let places = (known[group] ?? []).map(\.trial).max() ?? 0
      return middles.filter { !rates.contains($0) }.enumerated().flatMap { position, rate in
        plan.spec.seeds.map { seed in
          plan.run(
            like: template, learningRate: rate, trial: places + 1 + position, seed: seed)
        }
      }
    }
  }
}

extension RunSummary {
  /// The final loss that chooses a learning rate.
  fileprivate var cost: Double {
    guard !isFailed, let loss = final(.validationLoss) ?? final(.trainLoss), loss.isFinite else {
      return .infinity
    }
    return loss
  }
}
