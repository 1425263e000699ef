/// What the losses of one method under the robust protocol are measured by.
struct GateLadderUnit: Sendable {
  let scale: ProgressScale
  /// The interquartile mean, over the seeds of both results, of the position at the tuned rate.
  let best: Double

  func regret(_ run: RunSummary) -> Double {
    scale.regret(at: scale.position(run.scoreLoss), beside: best)
  }
}

/// What the gate compares of results of the robust protocol besides: what a misjudged learning rate costs.
extension GateMetric {
  static let robustProgress = GateMetric(
    name: "robust_progress", title: "Robust progress",
    summary: "share of the possible progress made at 1 to 10 times the method's tuned rate",
    unit: .share, orientation: .lowerIsWorse, minimumEffect: 0.01, isOnByDefault: true,
    scope: .ladder { runs, unit in
      guard unit.scale.lowerBound != nil, runs.count == StressLadder.multiples.count else {
        return nil
      }
      return StressLadder.overshoot(
        runs.map { unit.scale.progress(at: unit.scale.position($0.scoreLoss)) ?? 0 })
    })

  static let overshootRegret = GateMetric(
    name: "overshoot_regret", title: "Overshoot regret",
    summary: "share of the progress at the tuned rate that is lost at 1 to 10 times it",
    unit: .share, orientation: .higherIsWorse, minimumEffect: 0.02, isOnByDefault: true,
    scope: .ladder { runs, unit in
      runs.count == StressLadder.multiples.count
        ? StressLadder.overshoot(runs.map(unit.regret)) : nil
    })

  static let usefulShare = GateMetric(
    name: "useful_share", title: "Useful runs",
    summary: "share of runs at multiples of the tuned rate that keep half of its progress",
    unit: .share, orientation: .lowerIsWorse, minimumEffect: 0.1, isOnByDefault: true,
    scope: .rung { run, unit in isUseful(run, unit) ? 1 : 0 })

  static let uselessShare = GateMetric(
    name: "useless_share", title: "Useless runs",
    summary:
      "share of runs at multiples of the tuned rate that end finite without half of its progress",
    unit: .share, orientation: .higherIsWorse, minimumEffect: 0.1, isOnByDefault: true,
    scope: .rung { run, unit in run.scoreLoss != nil && !isUseful(run, unit) ? 1 : 0 })

  private static func isUseful(_ run: RunSummary, _ unit: GateLadderUnit) -> Bool {
    run.scoreLoss != nil && unit.regret(run) <= 0.5
  }
}
