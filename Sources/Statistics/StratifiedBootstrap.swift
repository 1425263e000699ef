internal import Tensors

/// The percentile bootstrap interval of a statistic of several samples (Efron & Tibshirani, 1993),
/// each resampled with replacement within itself: runs within a problem, as in rliable (Agarwal et
/// al., 2021).
///
/// The bounds are the quantiles at α/2 and 1 − α/2 of `statistic` over `resamples` resamples; +∞ is
/// allowed, NaN traps. The same seed gives the same interval (rliable's does not).
///
/// - Parameter statistic: Takes samples of the same sizes as `strata`, in the same order.
public func stratifiedBootstrap(
  _ strata: [[Double]], resamples: Int = 2000, confidence: Double = 0.95, seed: UInt64,
  statistic: ([[Double]]) -> Double
) -> Interval {
  var sample = strata
  return stratifiedBootstrap(
    sizes: strata.map(\.count), resamples: resamples, confidence: confidence, seed: seed
  ) { indices in
    for (stratum, chosen) in indices.enumerated() {
      for (position, index) in chosen.enumerated() {
        sample[stratum][position] = strata[stratum][index]
      }
    }
    return statistic(sample)
  }
}

/// The percentile bootstrap interval over resampled indices: for statistics of paired data, where
/// all methods of a seed must be drawn together.
///
/// - Parameters:
///   - sizes: The number of units in each stratum, each positive.
///   - statistic: Takes, for each stratum, as many indices into it as it has units.
public func stratifiedBootstrap(
  sizes: [Int], resamples: Int = 2000, confidence: Double = 0.95, seed: UInt64,
  statistic: ([[Int]]) -> Double
) -> Interval {
  precondition(!sizes.isEmpty && sizes.allSatisfy { $0 > 0 }, "strata of \(sizes) units")
  precondition(resamples > 0, "\(resamples) resamples")
  requireProbability(confidence)
  var stream = RandomStream(seed: seed, name: "bootstrap")
  var indices = sizes.map { [Int](repeating: 0, count: $0) }
  var values: [Double] = []
  values.reserveCapacity(resamples)
  for _ in 0..<resamples {
    for (stratum, size) in sizes.enumerated() {
      for position in 0..<size { indices[stratum][position] = stream.integer(below: size) }
    }
    values.append(statistic(indices))
  }
  let sorted = sortedCosts(values)
  let tail = (1 - confidence) / 2
  return Interval(
    lower: quantile(ofSorted: sorted, tail), upper: quantile(ofSorted: sorted, 1 - tail))
}
