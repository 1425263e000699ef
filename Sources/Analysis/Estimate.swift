internal import Statistics

/// A statistic of several runs and the bounds of its interval.
public struct Estimate: Sendable, Equatable {
  /// The statistic; +∞ where failed runs, the worst of all costs, decide it.
  public let value: Double
  /// The interval's lower bound; nil where too few runs give none.
  public let lower: Double?
  public let upper: Double?

  init(value: Double, lower: Double?, upper: Double?) {
    self.value = value
    self.lower = lower
    self.upper = upper
  }

  init(_ value: Double, _ interval: Interval?) {
    self.value = value
    lower = interval?.lower
    upper = interval?.upper
  }

  /// The share `count` of `total` with its exact interval (Clopper & Pearson, 1934); nil of nothing.
  init?(share count: Int, of total: Int, _ options: AnalysisOptions) {
    if total == 0 { return nil }
    self.init(
      Double(count) / Double(total),
      clopperPearson(successes: count, trials: total, confidence: options.confidence))
  }

  /// The interquartile mean of `values` with its bootstrap interval over runs, from two runs up; nil
  /// without values.
  init?(interquartileMeanOf values: [Double], _ options: AnalysisOptions) {
    if values.isEmpty { return nil }
    let interval =
      values.count < 2
      ? nil
      : stratifiedBootstrap(
        [values], resamples: options.resamples, confidence: options.confidence, seed: options.seed
      ) { interquartileMean($0[0]) }
    self.init(interquartileMean(values), interval)
  }

  /// The mean over strata of the mean within each, resampled within each: problems with seeds.
  init(meanOfMeans strata: [[Double]], _ options: AnalysisOptions) {
    func meanOfMeans(_ strata: [[Double]]) -> Double {
      strata.reduce(0) { $0 + $1.reduce(0, +) / Double($1.count) } / Double(strata.count)
    }
    let interval =
      strata.allSatisfy { $0.count < 2 }
      ? nil
      : stratifiedBootstrap(
        strata, resamples: options.resamples, confidence: options.confidence, seed: options.seed,
        statistic: meanOfMeans)
    self.init(meanOfMeans(strata), interval)
  }
}
