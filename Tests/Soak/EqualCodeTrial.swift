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
    var byMetric = [Int](repeating: 0, count: policy.rules.count)
    for number in 0..<comparisons {
      let comparison = pool.comparison(number: number, size: size, seed: 0, policy: policy)
      if !comparison.isPassed { alarms += 1 }
      for (index, metric) in comparison.metrics.enumerated() where comparison.isFailure(metric) {
        byMetric[index] += 1
      }
    }
    seeds = pool.seeds.count
    self.size = size
    self.comparisons = comparisons
    self.alarms = alarms
    alarmsByMetric = zip(policy.rules, byMetric).map { ($0.metric, $1) }
    significance = policy.significance
  }

  var interval: Interval { clopperPearson(successes: alarms, trials: comparisons) }
}
