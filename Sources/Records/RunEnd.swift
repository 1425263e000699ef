/// How one run ended, in what fits on a line: for progress, logs and whoever watches.
public struct RunEnd: Sendable, Equatable {
  public let key: RunKey
  /// The optimizer's label.
  public let optimizer: String
  /// The clipping strategy's label.
  public let clipping: String
  public let learningRate: Double
  public let seed: Int
  public let outcome: Outcome
  /// The failing step, or −1.
  public let failureStep: Int
  /// As `RunRecord.failureTensor`.
  public let failureTensor: String
  /// The updates that were applied, a failing one included.
  public let steps: Int
  /// The last evaluated losses; NaN where there is none.
  public let trainLoss: Double
  public let validationLoss: Double
  public let wallSeconds: Double

  public init(_ run: RunRecord) {
    key = run.key
    optimizer = run.optimizer
    clipping = run.clipping
    learningRate = run.baseLearningRate
    seed = run.seed
    outcome = run.outcome
    failureStep = run.failureStep
    failureTensor = run.failureTensor
    steps = run.trajectory.steps
    trainLoss = run.evaluations[.trainLoss].last { !$0.isNaN } ?? .nan
    validationLoss = run.evaluations[.validationLoss].last { !$0.isNaN } ?? .nan
    wallSeconds = run.wallSeconds
  }

  /// The loss that a run may be compared by while others still train: on the validation split where there
  /// is one, +∞ for a run that diverged or has none.
  public var loss: Double {
    let value = validationLoss.isNaN ? trainLoss : validationLoss
    return outcome.isDiverged || !value.isFinite ? .infinity : value
  }

  /// Where and how it failed: `nonfinite at step 12 (update dense1.weight)`; the outcome alone where
  /// nothing failed.
  public var ending: String {
    var text = outcome.rawValue
    if failureStep >= 0 { text += " at step \(failureStep)" }
    if !failureTensor.isEmpty { text += " (\(failureTensor))" }
    return text
  }
}
