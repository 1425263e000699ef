internal import Records
internal import Statistics

/// How often and how the runs of one method failed, and how rough its training was.
///
/// Quantities of single runs are averaged over runs, so that a run that failed early weighs as much
/// as one that spent its budget; ratios of gradient norms, which a failing run makes infinite, by
/// their median.
public struct StabilityAnalysis: Sendable {
  public let runs: RunTally
  /// The share of the stored runs that failed; nil without runs.
  public let failureRate: Estimate?
  /// The step by which half of the runs have failed, runs without failure being censored at their
  /// end (Kaplan & Meier, 1958); nil where more than half never fail.
  public let medianStepsToFailure: Int?
  /// Steps with a spike per 1,000 steps of all runs together.
  public let spikesPerThousandSteps: Double?
  /// The share of spikes after which the loss came back; nil without spikes.
  public let recoveredSpikeShare: Double?
  /// The largest gradient norm over the run's median: the median over runs.
  public let largestGradientRatio: Double?
  /// The 99th percentile of the gradient norm over the run's median: the median over runs.
  public let highGradientRatio: Double?
  /// The share of steps at which clipping fired and let the step pass: the mean over runs.
  public let clipFireRate: Double?
  /// The share of steps that clipping refused: the mean over the runs that recorded it.
  public let skipRate: Double?
  /// The share of the further gradients asked for that clipping changed: the mean over runs.
  public let askedClipRate: Double?
  /// Clipped norm over norm where clipping changed it: the mean over runs in which it did.
  public let meanClipCoefficient: Double?
  /// The share of the gradient norm that clipping took away where it fired: the mean over runs.
  public let lostNormShare: Double?
  /// Steps with a non-finite gradient in runs that did not end non-finite.
  public let nonfiniteGradientsSurvived: Int
  /// How the runs failed, the most frequent way first.
  public let failures: [FailureGroup]

  init(_ summaries: [RunSummary], planned: Int, _ options: AnalysisOptions) {
    runs = RunTally(summaries, planned: planned)
    let summaries = summaries.filter(\.isJudged)
    failureRate = runs.failureRate(options)
    medianStepsToFailure =
      KaplanMeier(
        durations: summaries.map { $0.failureStep >= 0 ? $0.failureStep : $0.steps },
        failed: summaries.map(\.isFailed)
      ).medianTime
    let steps = summaries.reduce(0) { $0 + $1.steps }
    let spikes = summaries.reduce(0) { $0 + $1.spikes }
    let recovered = summaries.reduce(0) { $0 + $1.spikesRecovered }
    spikesPerThousandSteps = steps == 0 ? nil : 1000 * Double(spikes) / Double(steps)
    recoveredSpikeShare = spikes == 0 ? nil : Double(recovered) / Double(spikes)
    largestGradientRatio = Self.median(summaries.compactMap(\.largestGradientRatio))
    highGradientRatio = Self.median(summaries.compactMap(\.highGradientRatio))
    clipFireRate = Self.mean(summaries.compactMap(\.clipFireRate))
    skipRate = Self.mean(summaries.compactMap(\.skipRate))
    askedClipRate = Self.mean(summaries.compactMap(\.askedClipRate))
    meanClipCoefficient = Self.mean(summaries.compactMap(\.meanClipCoefficient))
    lostNormShare = Self.mean(summaries.compactMap(\.lostNormShare))
    nonfiniteGradientsSurvived = summaries.filter { $0.outcome != .nonfinite }
      .reduce(0) { $0 + $1.nonfiniteGradients }
    failures = FailureGroup.groups(of: summaries)
  }

  private static func median(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : Statistics.median(values)
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
