internal import Tensors

/// The mean of log₁₀ loss over a training run: 1/(s_n − s₀) ∫ log₁₀ max(ℓ(s), floor) ds by the
/// trapezoidal rule on the evaluated steps.
///
/// Smaller is better; a tenfold lower loss throughout is one less. +∞ anywhere, as for a run that
/// failed, gives +∞. With one evaluation it is that evaluation's logarithm.
///
/// - Parameters:
///   - steps: The steps of the evaluations, strictly ascending, at least one.
///   - losses: The loss at each, not NaN.
///   - floor: The smallest loss that is told apart from 0; positive.
public func areaUnderLogCurve(
  steps: [Int], losses: [Double], floor: Double = 1e-16
) -> Double {
  precondition(steps.count == losses.count, "\(steps.count) steps, \(losses.count) losses")
  precondition(floor > 0, "a floor of \(floor)")
  requireCosts(losses)
  let logarithms = losses.map { decimalLogarithm(max($0, floor)) }
  guard let first = steps.first, let last = steps.last, steps.count > 1 else {
    return logarithms[0]
  }
  var area = 0.0
  for index in 1..<steps.count {
    precondition(steps[index] > steps[index - 1], "steps out of order: \(steps)")
    area +=
      Double(steps[index] - steps[index - 1]) * (logarithms[index] + logarithms[index - 1]) / 2
  }
  return area / Double(last - first)
}
