import Analysis
import Statistics

/// How often the statistical mode fails on equal code.
struct EqualCodeTrial {
  let seeds: Int
  let size: Int
  let comparisons: Int
  let alarms: Int
  /// The comparisons in which a metric failed the gate, by metric.
  let alarmsByMetric: [(metric: GateMetric, alarms: Int)]
  let significance: Double

  /// Draws `comparisons` comparisons of `size` seeds with as many others from the pool.
  init(_ pool: SeedPool, policy: GatePolicy, size: Int, comparisons: Int) {
    var alarms = 0
    var byMetric: [String: Int] = [:]
    for number in 0..<comparisons {
      let comparison = pool.comparison(number: number, size: size, seed: 0, policy: policy)
      if !comparison.isPassed { alarms += 1 }
      for metric in comparison.metrics where comparison.isFailure(metric) {
        byMetric[metric.metric.name, default: 0] += 1
      }
    }
    seeds = pool.seeds.count
    self.size = size
    self.comparisons = comparisons
    self.alarms = alarms
    // Those of the robust protocol are no part of a grid's comparison.
    let compared = pool.comparison(number: 0, size: size, seed: 0, policy: policy).metrics
    alarmsByMetric = compared.map { ($0.metric, byMetric[$0.metric.name] ?? 0) }
    significance = policy.significance
  }

  var interval: Interval { clopperPearson(successes: alarms, trials: comparisons) }
}
