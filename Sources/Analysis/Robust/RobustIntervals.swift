public import Statistics
internal import Tensors

/// The intervals of a method's robust quantities, which depend on two draws of seeds: those that tuned
/// its rate and those that evaluate it at multiples of that rate.
///
/// Both are resampled (`biasCorrectedBootstrap`). Resampled tuning seeds move the anchor along the rates
/// that were tried; the ladder is then read at the multiples of the moved anchor, interpolated linearly
/// in log₁₀ of the rate between its rungs and constant beyond them. Where resampled tuning finds no rate
/// that improves on the reference, the method counts as not training: S⁺ = 1, RP = 0.
///
/// Without the anchor's share the interval of S⁺ is less than half as wide as repetitions show it to be.
public struct RobustIntervals: Sendable {
  /// Of the interquartile mean of positions at the tuned rate.
  public let tunedPosition: Interval
  /// Of the mean of S⁺.
  public let overshootRegret: Interval
  /// Of the mean of RP; nil without a lower bound.
  public let robustProgress: Interval?

  /// - Parameters:
  ///   - tuning: By lattice index, the loss of each tuning seed, nil for a failed run; the same seeds
  ///     everywhere.
  ///   - ladder: The runs at multiples of the anchor that all of `tuning` gives.
  public init(
    tuning: [Int: [Double?]], ladder: StressLadder, resamples: Int = 2000,
    confidence: Double = 0.95, seed: UInt64 = 0
  ) {
    let model = TwoLevelModel(tuning: tuning, ladder: ladder)
    func interval(_ statistic: (TwoLevelModel, [[Int]]) -> Double) -> Interval {
      biasCorrectedBootstrap(
        sizes: [model.tuningSeeds, model.evaluationSeeds], resamples: resamples,
        confidence: confidence, seed: seed
      ) { statistic(model, $0) }
    }
    tunedPosition = interval { model, seeds in
      let positions = model.positions(seeds)
      return interquartileMean(positions?[StressLadder.tuned] ?? [ladder.scale.referencePosition])
    }
    overshootRegret = interval { model, seeds in
      guard let positions = model.positions(seeds) else { return 1 }
      return meanOverSeeds(positions, of: StressLadder.overshoot) { position, best in
        ladder.scale.regret(at: position, beside: best)
      }
    }
    robustProgress =
      ladder.scale.lowerBound == nil
      ? nil
      : interval { model, seeds in
        guard let positions = model.positions(seeds) else { return 0 }
        return meanOverSeeds(positions, of: StressLadder.overshoot) { position, _ in
          ladder.scale.progress(at: position) ?? 0
        }
      }
  }
}

/// The mean over seeds of a weighted sum over rungs of what `value` makes of each position and the
/// interquartile mean at the tuned rate.
private func meanOverSeeds(
  _ positions: [[Double]], of sum: ([Double]) -> Double, _ value: (Double, Double) -> Double
) -> Double {
  let best = interquartileMean(positions[StressLadder.tuned])
  let seeds = positions[0].indices
  return seeds.reduce(0) { total, seed in
    total + sum(positions.map { value($0[seed], best) })
  } / Double(seeds.count)
}

/// A method's ladder as a function of which seeds were drawn.
private struct TwoLevelModel {
  let tuningSeeds: Int
  let evaluationSeeds: Int
  private let indices: [Int]
  /// By tried rate, then tuning seed.
  private let scores: [[Double]]
  private let ladder: StressLadder
  private let anchor: Double?
  private let rungs = StressLadder.multiples.map { decimalLogarithm($0) }

  init(tuning: [Int: [Double?]], ladder: StressLadder) {
    indices = tuning.keys.sorted()
    scores = indices.map { index in tuning[index, default: []].map { ladder.scale.position($0) } }
    let seeds = scores.first?.count ?? 0
    precondition(
      seeds > 0 && scores.allSatisfy { $0.count == seeds },
      "every rate is tuned with the same seeds")
    tuningSeeds = seeds
    evaluationSeeds = ladder.positions[0].count
    self.ladder = ladder
    anchor = Self.anchor(indices, scores, Array(0..<seeds), ladder.scale)
  }

  /// Positions by rung and drawn evaluation seed, at the anchor of the drawn tuning seeds; nil where
  /// those find none.
  func positions(_ seeds: [[Int]]) -> [[Double]]? {
    guard let anchor, let moved = Self.anchor(indices, scores, seeds[0], ladder.scale) else {
      return nil
    }
    let shift = (moved - anchor) / 4
    return rungs.map { rung in
      let (lower, upper, fraction) = place(rung + shift)
      return seeds[1].map { seed in
        let low = ladder.positions[lower][seed]
        return low + (ladder.positions[upper][seed] - low) * fraction
      }
    }
  }

  private func place(_ x: Double) -> (Int, Int, Double) {
    let last = rungs.count - 1
    if x <= rungs[0] { return (0, 0, 0) }
    if x >= rungs[last] { return (last, last, 0) }
    let upper = rungs.firstIndex { $0 > x } ?? last
    return (upper - 1, upper, (x - rungs[upper - 1]) / (rungs[upper] - rungs[upper - 1]))
  }

  private static func anchor(
    _ indices: [Int], _ scores: [[Double]], _ seeds: [Int], _ scale: ProgressScale
  ) -> Double? {
    var scan = RateScan(reference: scale.referencePosition)
    for (index, row) in zip(indices, scores) {
      scan.record(interquartileMean(seeds.map { row[$0] }), at: index)
    }
    return scan.anchor?.position
  }
}
