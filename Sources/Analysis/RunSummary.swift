public import Records
internal import Statistics

/// One run in numbers: its curves reduced to what the tables are made of.
public struct RunSummary: Sendable {
  /// What a run says about its method.
  public enum Status: Sendable {
    /// It ended with a finite loss.
    case ended
    /// It diverged, or ended without a finite loss to show.
    case diverged
    /// Its objective failed: it says nothing, and counts in no rate, rank or mean.
    case void
  }

  public let key: RunKey
  public let method: Method
  public let trial: Int
  public let seed: Int
  public let learningRate: Double
  public let isDefaultLearningRate: Bool
  /// As in `RunRecord.hyperparameters`.
  public let hyperparameters: [(name: String, value: Double)]
  /// The whole configuration, as `RunRecord.config`.
  let config: String
  /// The steps after which it was evaluated.
  let evaluationSteps: [Int32]
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
  /// Without evaluations; with them where that was not measured.
  public let trainingSeconds: Double
  public let peakMemoryBytes: Int64
  /// As in `RunRecord.gradientDifference`; nil where it was not asked for.
  public let gradientDifference: Double?

  /// The steps that were recorded, the failing one included.
  public let steps: Int
  /// Whether no step moved the parameters, although there were steps.
  public let hasStoodStill: Bool
  public let status: Status
  /// The selection loss before the first step.
  public let initialLoss: Double?
  /// Why the run is there.
  public internal(set) var purpose = RunPurpose.grid
  /// Whether tables of methods take it.
  public internal(set) var isTabled = true
  /// The selection loss at the end; nil for a failed run.
  public let selectionLoss: Double?
  /// The smallest finite selection loss of any evaluation.
  public let bestLoss: Double?
  /// The loss by which methods are ranked, before the first step.
  let initialScore: Double?
  /// The same at the end, as a cost: +∞ for a failed run.
  let finalScore: Double
  /// The evaluation at the run's end by metric, in the order of `EvaluationMetric`; nil where it is
  /// NaN, and for a run that failed at a step: it was not evaluated where it ended.
  public let finals: [Double?]
  /// The last evaluation of all, before the failure if there was one: its step, nil without any.
  public let lastEvaluationStep: Int?
  /// What it measured by metric, in the order of `EvaluationMetric`; nil where it is NaN.
  public let lastEvaluations: [Double?]
  /// The loss that curves show at each evaluation that has it.
  let curve: [CurvePoint]
  /// Gradient evaluations spent up to the evaluation that met the target; nil if none did.
  public let evaluationsToTarget: Int64?
  /// The mean of log₁₀(selection loss − lower bound) over the run's gradient evaluations; +∞ for a
  /// failed run.
  public let areaUnderLogLoss: Double
  /// The norm of the gradient before clipping at the first step; nil where it is not finite.
  public let startGradientNorm: Double?
  /// The median norm of the gradient before clipping.
  public let medianGradientNorm: Double?
  /// The largest gradient norm over the median.
  public let largestGradientRatio: Double?
  /// The 99th percentile of the gradient norm over the median.
  public let highGradientRatio: Double?
  /// The share of steps at which clipping changed gradient, update or parameters and let the step
  /// pass; nil without a clipping strategy.
  public let clipFireRate: Double?
  /// The share of steps that clipping refused; nil where that was not recorded.
  public let skipRate: Double?
  /// The share of the gradients that the optimizer asked for, beside the recorded ones, that clipping
  /// changed; nil where that was not recorded.
  public let askedClipRate: Double?
  /// The mean of clipped norm over norm, where clipping changed the norm of a finite gradient.
  public let meanClipCoefficient: Double?
  /// The share of the summed gradient norm that clipping took away at those steps.
  public let lostNormShare: Double?

  init(_ run: RunRecord, problem: ProblemRecord, metrics: ProblemMetrics) {
    key = run.key
    method = Method(optimizer: run.optimizer, clipping: run.clipping)
    trial = run.trial
    seed = run.seed
    learningRate = run.baseLearningRate
    isDefaultLearningRate = run.isDefaultLearningRate
    hyperparameters = run.hyperparameters
    config = run.config
    evaluationSteps = run.evaluations.steps.map { Int32($0) }
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
    trainingSeconds = run.trainingSeconds.isNaN ? run.wallSeconds : run.trainingSeconds
    peakMemoryBytes = run.peakMemoryBytes
    gradientDifference = run.gradientDifference.isNaN ? nil : run.gradientDifference
    steps = run.trajectory.steps
    let updates = run.trajectory[.updateNorm]
    hasStoodStill = !updates.isEmpty && updates.allSatisfy { $0 == 0 }

    let curves = EvaluationCurves(run, isRecorded: problem.isRecorded)
    lastEvaluationStep = curves.lastStep
    lastEvaluations = EvaluationMetric.allCases.map { curves.last($0) }
    finals = curves.reachesTheEnd ? lastEvaluations : lastEvaluations.map { _ in nil }
    // A run that decides on something has not read the split that ranks.
    let score = curves.has(metrics.score) ? metrics.score : metrics.selection
    let lastScore = finals[score.index] ?? .nan
    status =
      run.outcome == .objectiveFailed
      ? .void : run.outcome.isDiverged || !lastScore.isFinite ? .diverged : .ended
    let isFailed = status == .diverged
    initialScore = curves.initial(score)
    curve = curves.points(metrics.curve)
    finalScore = isFailed ? .infinity : lastScore
    let lastSelection = finals[metrics.selection.index] ?? .nan
    selectionLoss = isFailed || !lastSelection.isFinite ? nil : lastSelection
    initialLoss = curves.initial(metrics.selection)
    bestLoss = curves.smallest(metrics.selection)
    evaluationsToTarget = run.targetStep < 0 ? nil : curves.gradientEvaluations(at: run.targetStep)
    areaUnderLogLoss =
      isFailed ? .infinity : curves.areaUnderLog(metrics.selection, above: problem.lowerBound)

    startGradientNorm = run.trajectory[.gradientNorm].first.flatMap {
      $0.isFinite ? Double($0) : nil
    }
    let gradients = GradientStatistics(run.trajectory)
    medianGradientNorm = gradients.median
    largestGradientRatio = gradients.largestRatio
    highGradientRatio = gradients.highRatio

    let clips = ClipStatistics(run.trajectory)
    clipFireRate = method.isClipped ? clips.fireRate : nil
    skipRate = clips.skipRate
    askedClipRate = clips.askedClipped.flatMap { clipped in
      let asked = run.gradientEvaluations - Int64(run.trajectory.steps)
      return asked > 0 ? clipped / Double(asked) : nil
    }
    meanClipCoefficient = clips.meanCoefficient
    lostNormShare = clips.lostNormShare
  }

  /// The summaries of some runs, in their order; those of problems that are not listed are left out.
  package static func all(of runs: [RunRecord], on problems: [ProblemRecord]) -> [RunSummary] {
    let byProblem = Dictionary(grouping: runs, by: \.key.problem)
    let metrics = byProblem.mapValues { ProblemMetrics($0) }
    return runs.compactMap { run in
      guard let problem = problems.first(where: { $0.name == run.key.problem }),
        let metrics = metrics[problem.name]
      else { return nil }
      return RunSummary(run, problem: problem, metrics: metrics)
    }
  }

  /// The loss by which methods are ranked, at the end; nil for a failed run.
  public var scoreLoss: Double? { finalScore.isFinite ? finalScore : nil }

  /// Whether the run neither failed nor stood still.
  public var isStable: Bool { status == .ended && !hasStoodStill }

  /// Whether the run diverged, or ended without a finite loss to show.
  public var isFailed: Bool { status == .diverged }

  /// Whether the run says anything about its method.
  package var isJudged: Bool { status != .void }

  /// The evaluation of `metric` at the run's end; nil where there is none.
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

/// What a run was evaluated to.
private struct EvaluationCurves {
  private let run: RunRecord
  private let count: Int
  /// Whether another program recorded the run: it may have measured each metric when it liked, and its
  /// steps for a part of the run only.
  private let isRecorded: Bool

  init(_ run: RunRecord, isRecorded: Bool) {
    self.run = run
    self.isRecorded = isRecorded
    // Later ones are padding. Of a run whose steps were not recorded every evaluation counts.
    let steps = run.trajectory.steps
    let evaluated = run.evaluations.steps
    count =
      steps == 0 || isRecorded ? evaluated.count : evaluated.prefix { $0 <= steps }.count
  }

  var lastStep: Int? { count == 0 ? nil : Int(run.evaluations.steps[count - 1]) }

  /// Whether the last evaluation is that of the run's end. A run whose steps were not recorded ended
  /// at its last evaluation, unless it says that it failed after it.
  var reachesTheEnd: Bool {
    guard let lastStep else { return false }
    if isRecorded, run.failureStep < 0 { return true }
    return lastStep >= max(run.trajectory.steps, run.failureStep + 1)
  }

  private func value(_ metric: EvaluationMetric, _ index: Int) -> Double? {
    let values = run.evaluations[metric]
    guard values.indices.contains(index), !values[index].isNaN else { return nil }
    return values[index]
  }

  func points(_ metric: EvaluationMetric) -> [CurvePoint] {
    (0..<count).compactMap { index in
      value(metric, index).map {
        CurvePoint(
          step: Int(run.evaluations.steps[index]),
          gradientEvaluations: run.evaluations.gradientEvaluations[index], value: $0)
      }
    }
  }

  /// Whether any evaluation has a value of `metric`.
  func has(_ metric: EvaluationMetric) -> Bool {
    (0..<count).contains { value(metric, $0) != nil }
  }

  func initial(_ metric: EvaluationMetric) -> Double? {
    if count == 0 || isRecorded && run.evaluations.steps[0] != 0 { return nil }
    return value(metric, 0)
  }

  func last(_ metric: EvaluationMetric) -> Double? {
    isRecorded
      ? (0..<count).reversed().lazy.compactMap { value(metric, $0) }.first
      : value(metric, count - 1)
  }

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
      if isRecorded, value(metric, index) == nil { continue }
      clock.append(now)
      losses.append(value(metric, index).map { max($0 - floor, 0) } ?? .infinity)
    }
    return clock.isEmpty ? .infinity : areaUnderLogCurve(steps: clock, losses: losses)
  }
}

/// How the gradient norm of a run was spread; a non-finite norm counts as +∞, one that was not recorded
/// does not.
private struct GradientStatistics {
  private(set) var median: Double?
  private(set) var largestRatio: Double?
  private(set) var highRatio: Double?

  init(_ trajectory: Trajectory) {
    let norms = zip(trajectory[.gradientNorm], trajectory.clipFired)
      .filter { norm, fired in !norm.isNaN || fired >= 0 }
      .map { norm, _ in norm.isFinite ? Double(norm) : .infinity }.sorted()
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

/// What clipping did in a run, at the steps of which that is known.
private struct ClipStatistics {
  private(set) var fireRate: Double?
  private(set) var skipRate: Double?
  /// The gradients asked for that were clipped.
  private(set) var askedClipped: Double?
  private(set) var meanCoefficient: Double?
  private(set) var lostNormShare: Double?

  init(_ trajectory: Trajectory) {
    if trajectory.steps == 0 { return }
    let norms = trajectory[.gradientNorm]
    let clipped = trajectory[.clippedGradientNorm]
    let coefficients = trajectory[.clipCoefficient]
    let skipped = trajectory[Quantity.clipSkipped]
    if let skipped { skipRate = Double(skipped.count { $0 == 1 }) / Double(trajectory.steps) }
    askedClipped = trajectory[Quantity.askedGradientsClipped]?.reduce(0) { $0 + Double($1) }
    let known = trajectory.clipFired.count { $0 >= 0 }
    if known == 0 { return }
    var fired = 0
    var measured = 0
    var coefficientSum = 0.0
    var before = 0.0
    var after = 0.0
    for step in 0..<trajectory.steps
    where trajectory.clipFired[step] == 1 && skipped?[step] != 1 {
      fired += 1
      // Elsewhere than on the gradient a clip leaves no mark on its norm.
      guard norms[step].isFinite, clipped[step].isFinite, coefficients[step].isFinite,
        coefficients[step] != 1
      else { continue }
      measured += 1
      coefficientSum += Double(coefficients[step])
      before += Double(norms[step])
      after += Double(clipped[step])
    }
    fireRate = Double(fired) / Double(known)
    if measured == 0 { return }
    meanCoefficient = coefficientSum / Double(measured)
    if before > 0 { lostNormShare = (before - after) / before }
  }
}
