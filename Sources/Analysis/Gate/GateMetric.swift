internal import Records
internal import Tensors

/// A quantity in which the gate compares two results.
public struct GateMetric: Sendable {
  /// Which way is worse.
  public enum Orientation: Sendable {
    case higherIsWorse
    case lowerIsWorse
    /// Neither way is better: any movement is a change of behaviour.
    case eitherIsChange
  }

  /// What the values are, and so what a difference of them means.
  public enum Unit: Sendable {
    /// Between 0 and 1.
    case share
    /// A width on the axis of log₁₀ η.
    case decades
    /// log₁₀ of the quantity: a difference is a factor.
    case logarithm
  }

  /// Over what a value is taken, in each seed for itself.
  enum Scope: Sendable {
    /// One run; nil where the metric does not apply to its problem or method.
    case run(@Sendable (RunSummary, ProblemRecord) -> Double?)
    /// A method's whole grid of learning rates, ascending.
    case grid(@Sendable ([RunSummary]) -> Double?)
    /// One run at a multiple of its method's own tuned rate.
    case rung(@Sendable (RunSummary, GateLadderUnit) -> Double?)
    /// A method's runs at all multiples of its tuned rate, ascending.
    case ladder(@Sendable ([RunSummary], GateLadderUnit) -> Double?)
  }

  /// The name in a policy.
  public let name: String
  /// The name in tables.
  public let title: String
  /// What it is, in one sentence without a full stop.
  public let summary: String
  public let unit: Unit
  public let orientation: Orientation
  /// The smallest mean change of the cells concerned that counts, unless the policy says otherwise.
  public let minimumEffect: Double
  /// Whether a policy that does not mention the metric compares it.
  public let isOnByDefault: Bool
  let scope: Scope

  /// Whether only results of the robust protocol have it.
  var isOfLadder: Bool {
    switch scope {
    case .rung, .ladder: true
    case .run, .grid: false
    }
  }

  /// Every metric, in the order of reports.
  public static let all: [GateMetric] = [
    .divergenceRate, .stableWidth, .finalLoss, .bestLoss, .evaluationsToTarget, .gradientTail,
    .clipFireRate, .robustProgress, .overshootRegret, .usefulShare, .uselessShare, .timePerStep,
  ]

  /// The metric called `name`.
  public static func named(_ name: String) -> GateMetric? { all.first { $0.name == name } }

  static let divergenceRate = GateMetric(
    name: "divergence_rate", title: "Divergence rate",
    summary: "share of runs that blew up or ended worse than they began", unit: .share,
    orientation: .higherIsWorse, minimumEffect: 0.1, isOnByDefault: true,
    scope: .run { run, _ in run.isFailed ? 1 : 0 })

  static let stableWidth = GateMetric(
    name: "stable_width", title: "Stable learning rates",
    summary: "width of the learning rates at which a seed's run does not fail", unit: .decades,
    orientation: .lowerIsWorse, minimumEffect: 0.1, isOnByDefault: true,
    scope: .grid(stableDecades))

  static let finalLoss = GateMetric(
    name: "final_loss", title: "Final loss",
    summary: "loss by which methods are ranked, at the end, above its lower bound; at most the "
      + "initial one, which a failed run counts with",
    unit: .logarithm, orientation: .higherIsWorse, minimumEffect: 0.01, isOnByDefault: true,
    scope: .run { run, problem in lossLevel(run.finalScore, initial: run.initialScore, problem) })

  static let bestLoss = GateMetric(
    name: "best_loss", title: "Best loss",
    summary: "smallest loss on the split that chooses, at any evaluation, above its lower bound",
    unit: .logarithm, orientation: .higherIsWorse, minimumEffect: 0.01, isOnByDefault: true,
    scope: .run { run, problem in lossLevel(run.bestLoss, initial: run.initialLoss, problem) })

  static let evaluationsToTarget = GateMetric(
    name: "evaluations_to_target", title: "Evaluations to target",
    summary: "gradient evaluations until the target is met; ten budgets where it never is",
    unit: .logarithm, orientation: .higherIsWorse, minimumEffect: 0.02, isOnByDefault: true,
    scope: .run { run, problem in
      guard problem.hasTarget else { return nil }
      let cost = run.evaluationsToTarget.map(Double.init) ?? 10 * Double(problem.steps)
      // One for a target that is met before the first step.
      return decimalLogarithm(max(cost, 1))
    })

  static let gradientTail = GateMetric(
    name: "gradient_tail", title: "Gradient-norm tail",
    summary: "99th percentile of a run's gradient norms over their median, at most a million",
    unit: .logarithm, orientation: .higherIsWorse, minimumEffect: 0.01, isOnByDefault: true,
    scope: .run { run, _ in
      let ratio = run.highGradientRatio ?? 1e6
      return decimalLogarithm(ratio.isNaN ? 1e6 : min(max(ratio, 1e-6), 1e6))
    })

  static let clipFireRate = GateMetric(
    name: "clip_fire_rate", title: "Clip fire rate",
    summary: "share of steps at which clipping changed anything", unit: .share,
    orientation: .eitherIsChange, minimumEffect: 0.01, isOnByDefault: true,
    scope: .run { run, _ in run.method.isClipped ? run.clipFireRate ?? 0 : nil })

  static let timePerStep = GateMetric(
    name: "time_per_step", title: "Time per step",
    summary:
      "seconds of a run over its steps, evaluations included; of use on a quiet machine only",
    unit: .logarithm, orientation: .higherIsWorse, minimumEffect: 0.05, isOnByDefault: false,
    scope: .run { run, _ in
      run.steps > 0 && run.wallSeconds > 0 && run.wallSeconds.isFinite
        ? decimalLogarithm(run.wallSeconds / Double(run.steps)) : nil
    })
}

/// log₁₀ of a loss above its lower bound, at most that of the initial loss: what training has not
/// made of it (the cap of Wortsman et al., 2023). At least 10⁻¹² of the problem's unit, which is taken
/// as 1 where it is 0, as that of a data set with one class; and never denormal, so that a thread
/// which counts such numbers as zero finds a logarithm as well.
private func lossLevel(
  _ loss: Double?, initial: Double?, _ problem: ProblemRecord
) -> Double {
  let bound = problem.lowerBound.isFinite ? problem.lowerBound : 0
  let unit = problem.lossUnit > 0 && problem.lossUnit.isFinite ? problem.lossUnit : 1
  let start = initial ?? .infinity
  let cap = start.isFinite ? start : bound + unit
  let found = loss ?? cap
  let above = (found.isNaN ? cap : min(found, cap)) - bound
  return decimalLogarithm(max(above, 1e-12 * unit, .leastNormalMagnitude))
}

/// The summed widths of the rates at which the run was stable, as in `LearningRateAnalysis`; nil
/// for a grid of one rate.
private func stableDecades(_ runs: [RunSummary]) -> Double? {
  let logarithms = runs.map { $0.learningRate > 0 ? decimalLogarithm($0.learningRate) : .nan }
  guard let first = logarithms.first, let last = logarithms.last, first < last else { return nil }
  let edges = logarithms.indices.map { index in
    (logarithms[min(index + 1, logarithms.count - 1)] - logarithms[max(index - 1, 0)]) / 2
  }
  return zip(edges, runs).reduce(0) { $0 + ($1.1.isStable ? $1.0 : 0) }
}
