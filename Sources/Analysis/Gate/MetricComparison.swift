internal import Statistics

/// What the gate says of one metric.
public enum GateVerdict: Sendable, Equatable {
  /// Not one value differs.
  case identical
  /// The mean over all cells differs by less than the minimum effect, shown by two one-sided tests.
  case equivalent
  /// Significantly better by at least the minimum effect, and nowhere so much worse.
  case improved
  /// Significantly worse by at least the minimum effect.
  case regressed
  /// Moved significantly by at least the minimum effect, where neither way is better.
  case changed
  /// Neither a difference nor equivalence could be shown; the seeds with which one of them probably
  /// could, if there is any number of them.
  case undecided(seedsNeeded: Int?)
  /// No cell has such a value: no target, no clipping, one learning rate.
  case notApplicable
}

/// One metric of two results: the cells pooled, the verdict, and the cells that drive it.
public struct MetricComparison: Sendable {
  /// The evidence for a movement in one direction.
  public struct Movement: Sendable {
    /// As `SignFlipTest` gives it.
    public let pValue: Double
    /// Adjusted for all tests of the comparison, both directions of every metric (Holm, 1979).
    public let adjustedPValue: Double
    /// How far the cells that moved this way moved: their mean differences, weighted by their part
    /// in the statistic; with sign, 0 where none did.
    public let effect: Double

    func isRelevant(_ significance: Double, _ minimumEffect: Double) -> Bool {
      // With leave for rounding: an effect of exactly the minimum counts.
      adjustedPValue <= significance && abs(effect) * (1 + 1e-9) >= minimumEffect
    }
  }

  public let rule: GatePolicy.Rule
  public let verdict: GateVerdict
  public let seeds: Int
  /// Every cell that has the metric.
  public let cells: [CellDifference]
  public let increase: Movement
  public let decrease: Movement
  /// The mean difference over all cells and seeds, with its 1 − 2α interval over seeds.
  public let meanDifference: Double
  public let lower: Double?
  public let upper: Double?

  public var metric: GateMetric { rule.metric }

  /// The movement towards worse: the stronger one where neither way is better.
  public var worsening: Movement {
    switch metric.orientation {
    case .higherIsWorse: increase
    case .lowerIsWorse: decrease
    case .eitherIsChange: increase.pValue <= decrease.pValue ? increase : decrease
    }
  }

  /// The movement that the verdict speaks of.
  public var decisive: Movement {
    guard verdict == .improved else { return worsening }
    return metric.orientation == .higherIsWorse ? decrease : increase
  }

  /// The cells that moved the way the verdict speaks of by at least half the minimum effect, those
  /// with the largest part in it first.
  public var drivers: [CellDifference] {
    let isRise = decisive.effect > 0
    return cells.indices.filter { index in
      let difference = cells[index].difference
      return abs(difference) >= rule.minimumEffect / 2 && (difference > 0) == isRise
    }
    .sorted { (-abs(cells[$0].shift), $0) < (-abs(cells[$1].shift), $1) }
    .map { cells[$0] }
  }
}

/// The paired values of one metric, before it is judged together with the others.
struct MetricDifferences {
  let rule: GatePolicy.Rule
  private let cells: [CellDifference]
  private let test: SignFlipTest
  private let equivalence: EquivalenceTest?
  private let seeds: Int
  private let isIdentical: Bool

  /// - Parameters:
  ///   - baseline: By cell, then pair.
  ///   - current: In the same order.
  init(
    _ rule: GatePolicy.Rule, cells: [GateCell], baseline: [[Double]], current: [[Double]],
    significance: Double
  ) {
    let differences = zip(baseline, current).map { pair in zip(pair.0, pair.1).map { $1 - $0 } }
    let test = SignFlipTest(differences: differences, resolution: rule.minimumEffect)
    let seeds = differences.first?.count ?? 0
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    self.rule = rule
    self.test = test
    self.seeds = seeds
    isIdentical = differences.allSatisfy { $0.allSatisfy { $0 == 0 } }
    self.cells = cells.indices.map { index in
      CellDifference(
        cell: cells[index], baseline: mean(baseline[index]), current: mean(current[index]),
        difference: mean(differences[index]), shift: test.shifts[index])
    }
    // The seed is the unit: the cells of one seed are not independent.
    let bySeed = (0..<seeds).map { seed in mean(differences.map { $0[seed] }) }
    equivalence =
      bySeed.isEmpty
      ? nil
      : EquivalenceTest(
        differences: bySeed, margin: rule.minimumEffect, significance: significance)
  }

  var isApplicable: Bool { !cells.isEmpty }

  /// The tests that the metric stands for: an increase and a decrease.
  var testCount: Int { isApplicable ? 2 : 0 }

  /// The p-values that are adjusted together with those of the other metrics.
  ///
  /// None where no value differs: no pattern of swaps could make such a metric significant, and this
  /// is the same for every pattern, so that it need not be paid for (Tarone, 1990).
  var pValues: [Double] { isApplicable && !isIdentical ? [test.increase, test.decrease] : [] }

  /// The comparison, given the p-values adjusted for all metrics.
  func judged(adjusted: [Double], significance: Double) -> MetricComparison {
    let increase = MetricComparison.Movement(
      pValue: test.increase, adjustedPValue: adjusted.first ?? 1, effect: effect(sign: 1))
    let decrease = MetricComparison.Movement(
      pValue: test.decrease, adjustedPValue: adjusted.last ?? 1, effect: effect(sign: -1))
    return MetricComparison(
      rule: rule, verdict: verdict(increase, decrease, significance), seeds: seeds, cells: cells,
      increase: increase, decrease: decrease, meanDifference: equivalence?.mean ?? 0,
      lower: equivalence?.interval?.lower, upper: equivalence?.interval?.upper)
  }

  private func effect(sign: Double) -> Double {
    let moved = cells.filter { $0.shift * sign > 0 }
    let weight = moved.reduce(0) { $0 + $1.shift * $1.shift }
    guard weight > 0 else { return 0 }
    return moved.reduce(0) { $0 + $1.shift * $1.shift * $1.difference } / weight
  }

  private func verdict(
    _ increase: MetricComparison.Movement, _ decrease: MetricComparison.Movement,
    _ significance: Double
  ) -> GateVerdict {
    guard isApplicable, let equivalence else { return .notApplicable }
    let rises = increase.isRelevant(significance, rule.minimumEffect)
    let falls = decrease.isRelevant(significance, rule.minimumEffect)
    switch rule.metric.orientation {
    case .higherIsWorse where rises, .lowerIsWorse where falls: return .regressed
    case .higherIsWorse where falls, .lowerIsWorse where rises: return .improved
    case .eitherIsChange where rises || falls: return .changed
    default: break
    }
    if isIdentical { return .identical }
    if equivalence.isEquivalent { return .equivalent }
    return .undecided(seedsNeeded: equivalence.unitsNeeded.map { max($0, seeds + 1) })
  }
}
