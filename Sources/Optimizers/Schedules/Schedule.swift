/// How the learning rate changes over a run.
public protocol Schedule: Sendable {
  /// The learning rate at `step`, from 0, of a run that plans `totalSteps`, for the base rate `base`.
  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double
}
