public import Records
internal import Statistics

/// How much the metrics of a spec move between runs of equal code on different seeds, and what a
/// policy may make of it.
///
/// Results of equal seeds move less: this is the most that chance can do.
public struct GateCalibration: Sendable {
  /// The noise of one metric.
  public struct Noise: Sendable {
    public let rule: GatePolicy.Rule
    /// The 95th percentile, over the comparisons, of the larger of the two effects that the gate
    /// would hold against the minimum effect.
    public let effect: Double
    /// The seeds with which a comparison would probably show equivalence at the minimum effect of
    /// the policy: the median over the comparisons; nil where no number does or nothing moves.
    public let seedsNeeded: Int?
  }

  /// The seeds on either side of a comparison.
  public let size: Int
  public let comparisons: Int
  /// The comparisons that failed by the policy: at most `significance` of them, but for chance.
  public let alarms: Int
  /// The metrics that apply, in the policy's order.
  public let noise: [Noise]

  /// nil with fewer than four seeds, where there are no two pairs.
  public init?(
    of record: ExperimentRecord, policy: GatePolicy, comparisons: Int = 200, seed: UInt64 = 0
  ) {
    let pool = SeedPool(record)
    guard pool.seeds.count >= 4 else { return nil }
    let size = pool.seeds.count / 2
    let results = (0..<comparisons).map {
      pool.comparison(number: $0, size: size, seed: seed, policy: policy)
    }
    self.size = size
    self.comparisons = comparisons
    alarms = results.count { result in result.metrics.contains { result.isFailure($0) } }
    noise = policy.rules.compactMap { rule in
      let metrics = results.compactMap { result in
        result.metrics.first { $0.metric.name == rule.metric.name }
      }
      guard let first = metrics.first, first.verdict != .notApplicable else { return nil }
      let effects = metrics.map { max(abs($0.increase.effect), abs($0.decrease.effect)) }
      return Noise(
        rule: first.rule, effect: quantile(effects, 0.95), seedsNeeded: Self.seedsNeeded(metrics))
    }
  }

  private static func seedsNeeded(_ metrics: [MetricComparison]) -> Int? {
    let needed = metrics.compactMap { metric -> Int? in
      switch metric.verdict {
      case .undecided(let needed): needed
      default: metric.seeds
      }
    }
    guard needed.count > metrics.count / 2 else { return nil }
    return needed.sorted()[needed.count / 2]
  }
}
