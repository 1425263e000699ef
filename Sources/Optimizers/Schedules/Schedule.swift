/// How the learning rate changes over a run.
public protocol Schedule: Sendable {
  /// The factor for the base learning rate at `step`, from 0, of a run that plans `totalSteps`.
  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double
}
