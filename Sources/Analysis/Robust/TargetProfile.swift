internal import Statistics

/// How fast a method comes through a series of targets at its tuned rate.
///
/// The targets are constants of the problem: the losses at which a run has made 5, 10, … 95% of the
/// possible progress of `ProgressScale`. Each pair of a seed and a target is reached at the first
/// evaluation at or below the target, or never. The share of pairs that are reached within so many
/// gradient evaluations is the empirical distribution of runtimes (Hansen, Auger, Brockhoff & Tušar,
/// 2022, anytime performance); with one target alone all that is between two evaluations would tie.
///
/// What a run reached before it failed counts as reached: its failure is told elsewhere.
public struct TargetProfile: Sendable {
  /// π of each target, ascending.
  public static let levels = (1...19).map { Double($0) / 20 }

  /// By target, then seed: the gradient evaluations before the first evaluation there; nil where it
  /// was never reached.
  public let runtimes: [[Int64?]]
  /// The gradient evaluations of each seed.
  public let spent: [Int64]

  /// nil without runs, and where the problem has no lower bound to make progress to.
  init?(_ runs: [RunSummary], on scale: ProgressScale) {
    guard scale.lowerBound != nil, !runs.isEmpty else { return nil }
    let progress = runs.map { run in
      run.curve.compactMap { point in
        scale.progress(at: scale.position(point.value.isFinite ? point.value : nil))
          .map { (evaluations: point.gradientEvaluations, progress: $0) }
      }
    }
    runtimes = Self.levels.map { level in
      progress.map { points in points.first { $0.progress >= level }?.evaluations }
    }
    spent = runs.map(\.gradientEvaluations)
  }

  /// The share of all pairs that were reached.
  public var share: Double { share(within: .max) }

  /// The share of all pairs that were reached within so many gradient evaluations.
  public func share(within evaluations: Int64) -> Double {
    let pairs = runtimes.flatMap { $0 }
    return Double(pairs.count { $0.map { $0 <= evaluations } ?? false }) / Double(pairs.count)
  }

  /// The distribution as steps: after so many gradient evaluations, the share that was reached.
  public var steps: [(evaluations: Int64, share: Double)] {
    Set(runtimes.flatMap { $0 }.compactMap { $0 }).sorted().map { ($0, share(within: $0)) }
  }

  /// The seeds that reached a target.
  public func reached(_ target: Int) -> Int { runtimes[target].count { $0 != nil } }

  /// The median over seeds of the gradient evaluations to a target; nil where half never reach it.
  public func median(_ target: Int) -> Double? {
    let middle = Statistics.median(runtimes[target].map { $0.map(Double.init) ?? .infinity })
    return middle.isFinite ? middle : nil
  }

  /// The gradient evaluations that all seeds spent until they reached a target or ended, over the
  /// seeds that reached it: the expected runtime of repeating the method until it does; nil where none
  /// did.
  public func expectedRuntime(_ target: Int) -> Double? {
    let reached = reached(target)
    if reached == 0 { return nil }
    let all = zip(runtimes[target], spent).reduce(0) { $0 + Double($1.0 ?? $1.1) }
    return all / Double(reached)
  }
}

extension RobustMethod {
  /// How fast the runs at the tuned rate came through targets; nil without a ladder or a lower bound.
  public func targets(on scale: ProgressScale) -> TargetProfile? {
    TargetProfile(tunedRuns, on: scale)
  }
}
