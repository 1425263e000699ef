public import Records
internal import Statistics

/// One run in numbers: its curves reduced to what the tables are made of.
public struct RunSummary: Sendable {
  public let key: RunKey
  public let method: Method
  public let trial: Int
  public let seed: Int
  public let learningRate: Double
  public let isDefaultLearningRate: Bool
  /// As in `RunRecord.hyperparameters`.
  public let hyperparameters: [(name: String, value: Double)]
  public let outcome: Outcome
  /// What failed, as in `RunRecord.failureTensor`.
  public let failureTensor: String
  public let failureStep: Int
  public let targetStep: Int
  public let firstAlarmStep: Int
  public let worstStep: Int
  public let spikes: Int
  public let spikesRecovered: Int
  public let nonfiniteGradients: Int
  public let gradientEvaluations: Int64
  public let wallSeconds: Double
  public let peakMemoryBytes: Int64

  /// The steps that were recorded, the failing one included.
  public let steps: Int
  /// Whether the run diverged, or ended without a finite loss to show.
  public let isFailed: Bool
  /// The selection loss before the first step.
  public let initialLoss: Double?
  /// The smallest finite selection loss of any evaluation.
  public let bestLoss: Double?
  /// The loss by which methods are ranked, before the first step.
  let initialScore: Double?
  /// The same at the end, as a cost: +∞ for a failed run.
  let finalScore: Double
  /// The last evaluation by metric, in the order of `EvaluationMetric`; nil where it is NaN.
  public let finals: [Double?]
  /// Gradient evaluations spent up to the evaluation that met the target; nil if none did.
  public let evaluationsToTarget: Int64?
  /// The mean of log₁₀(selection loss − lower bound) over the run's gradient evaluations; +∞ for a
  /// failed run.
  public let areaUnderLogLoss: Double
  /// The median norm of the gradient before clipping.
  public let medianGradientNorm: Double?
  /// The largest gradient norm over the median.
  public let largestGradientRatio: Double?
  /// The 99th percentile of the gradient norm over the median.
  public let highGradientRatio: Double?
  /// The share of steps at which clipping changed anything; nil without a clipping strategy.
  public let clipFireRate: Double?
  /// The mean of clipped norm over norm, where clipping fired on a finite gradient.
  public let meanClipCoefficient: Double?
  /// The share of the summed gradient norm that clipping took away, where it fired.
  public let lostNormShare: Double?

  init(_ run: RunRecord, problem: ProblemRecord, metrics: ProblemMetrics) {
    key = run.key
    method = Method(optimizer: run.optimizer, clipping: run.clipping)
    trial = run.trial
    seed = run.seed
    learningRate = run.baseLearningRate
    isDefaultLearningRate = run.isDefaultLearningRate
    hyperparameters = run.hyperparameters
    outcome = run.outcome
    failureTensor = run.failureTensor
    failureStep = run.failureStep
    targetStep = run.targetStep
    firstAlarmStep = run.firstAlarmStep
    worstStep = run.worstStep
    spikes = run.spikes
    spikesRecovered = run.spikesRecovered
    nonfiniteGradients = run.nonfiniteGradients
    gradientEvaluations = run.gradientEvaluations
    wallSeconds = run.wallSeconds
    peakMemoryBytes = run.peakMemoryBytes
    steps = run.trajectory.steps

    let curves = EvaluationCurves(run)
    finals = EvaluationMetric.allCases.map { curves.final($0) }
    let lastScore = finals[metrics.score.index] ?? .nan
    isFailed = run.outcome.isDiverged || !lastScore.isFinite
    initialScore = curves.initial(metrics.score)
    finalScore = isFailed ? .infinity : lastScore
    initialLoss = curves.initial(metrics.selection)
    bestLoss = curves.smallest(metrics.selection)
    evaluationsToTarget = run.targetStep < 0 ? nil : curves.gradientEvaluations(at: run.targetStep)
    areaUnderLogLoss =
      isFailed ? .infinity : curves.areaUnderLog(metrics.selection, above: problem.lowerBound)

    let gradients = GradientStatistics(run.trajectory)
    medianGradientNorm = gradients.median
    largestGradientRatio = gradients.largestRatio
    highGradientRatio = gradients.highRatio

    let clips = ClipStatistics(run.trajectory)
    clipFireRate = method.isClipped ? clips.fireRate : nil
    meanClipCoefficient = clips.meanCoefficient
    lostNormShare = clips.lostNormShare
  }

  /// The last evaluation of `metric`; nil where there is none.
  public func final(_ metric: EvaluationMetric) -> Double? { finals[metric.index] }

  /// The final loss as a cost: +∞ for a failed run, and where it is not a number.
  func cost(_ metric: EvaluationMetric) -> Double {
    guard !isFailed, let value = final(metric), value.isFinite else { return .infinity }
    return value
  }

  /// The final accuracy as a merit: 0 for a failed run.
  func merit(_ metric: EvaluationMetric) -> Double {
    guard !isFailed, let value = final(metric), value.isFinite else { return 0 }
    return value
  }
}

/// The evaluations that a run reached: a file with several runs pads shorter ones.
private struct EvaluationCurves {
  private let run: RunRecord
  /// The number of evaluations up to the run's last step.
  private let count: Int

  init(_ run: RunRecord) {
    self.run = run
    count = run.evaluations.steps.prefix { $0 <= run.trajectory.steps }.count
  }

  private func value(_ metric: EvaluationMetric, _ index: Int) -> Double? {
    let values = run.evaluations[metric]
    guard values.indices.contains(index), !values[index].isNaN else { return nil }
    return Double(values[index])
  }

  func initial(_ metric: EvaluationMetric) -> Double? { count == 0 ? nil : value(metric, 0) }

  func final(_ metric: EvaluationMetric) -> Double? { value(metric, count - 1) }

  func smallest(_ metric: EvaluationMetric) -> Double? {
    (0..<count).compactMap { value(metric, $0) }.filter(\.isFinite).min()
  }

  func gradientEvaluations(at step: Int) -> Int64 {
    let index = run.evaluations.steps.firstIndex { $0 >= step }
    return index.map { run.evaluations.gradientEvaluations[$0] } ?? run.gradientEvaluations
  }

  /// +∞ where an evaluation is missing or not finite.
  func areaUnderLog(_ metric: EvaluationMetric, above bound: Double) -> Double {
    let floor = bound.isFinite ? bound : 0
    var clock: [Int] = []
    var losses: [Double] = []
    for index in 0..<count {
      let now = Int(run.evaluations.gradientEvaluations[index])
      if let last = clock.last, now <= last { continue }
      clock.append(now)
      losses.append(value(metric, index).map { max($0 - floor, 0) } ?? .infinity)
    }
    return clock.isEmpty ? .infinity : areaUnderLogCurve(steps: clock, losses: losses)
  }
}

/// How the gradient norm of a run was spread; a non-finite norm counts as +∞.
private struct GradientStatistics {
  private(set) var median: Double?
  private(set) var largestRatio: Double?
  private(set) var highRatio: Double?

  init(_ trajectory: Trajectory) {
    let norms = trajectory[.gradientNorm].map { $0.isFinite ? Double($0) : .infinity }.sorted()
    guard let largest = norms.last else { return }
    let median = quantile(norms, 0.5)
    guard median.isFinite else { return }
    self.median = median
    // Without gradients there is nothing to be relative to.
    if median == 0 { return }
    largestRatio = largest / median
    highRatio = quantile(norms, 0.99) / median
  }
}

/// What clipping did in a run.
private struct ClipStatistics {
  private(set) var fireRate: Double?
  private(set) var meanCoefficient: Double?
  private(set) var lostNormShare: Double?

  init(_ trajectory: Trajectory) {
    if trajectory.steps == 0 { return }
    let norms = trajectory[.gradientNorm]
    let clipped = trajectory[.clippedGradientNorm]
    let coefficients = trajectory[.clipCoefficient]
    var fired = 0
    var measured = 0
    var coefficientSum = 0.0
    var before = 0.0
    var after = 0.0
    for step in 0..<trajectory.steps where trajectory.clipFired[step] == 1 {
      fired += 1
      guard norms[step].isFinite, clipped[step].isFinite, coefficients[step].isFinite else {
        continue
      }
      measured += 1
      coefficientSum += Double(coefficients[step])
      before += Double(norms[step])
      after += Double(clipped[step])
    }
    fireRate = Double(fired) / Double(trajectory.steps)
    if measured == 0 { return }
    meanCoefficient = coefficientSum / Double(measured)
    if before > 0 { lostNormShare = (before - after) / before }
  }
}
