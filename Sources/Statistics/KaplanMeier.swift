internal import Tensors

/// The product-limit estimate of the probability to be without failure after a time (Kaplan &
/// Meier, 1958): S(t) = Π over failure times s ≤ t of (1 − failures at s / at risk at s).
///
/// A run that ended without failure is censored: it counts as at risk up to and including its
/// duration.
public struct KaplanMeier: Sendable {
  /// The times of failures, ascending, each once.
  public let times: [Int]
  /// The estimate from each of `times` on.
  public let survival: [Double]
  private let steps: [Step]

  private struct Step {
    var atRisk: Int
    var failures: Int
  }

  /// The estimate from one duration per run and whether the run ended in failure.
  public init(durations: [Int], failed: [Bool]) {
    precondition(durations.count == failed.count, "\(durations.count) durations, \(failed.count)")
    let runs = zip(durations, failed).sorted { $0.0 < $1.0 }
    var times: [Int] = []
    var survival: [Double] = []
    var steps: [Step] = []
    var estimate = 1.0
    for (index, run) in runs.enumerated() where run.1 {
      if times.last == run.0 { continue }
      let sameTime = runs[index...].prefix { $0.0 == run.0 }
      let before = runs[..<index].reversed().prefix { $0.0 == run.0 }.count
      let step = Step(
        atRisk: runs.count - index + before, failures: sameTime.count { $0.1 })
      estimate *= Double(step.atRisk - step.failures) / Double(step.atRisk)
      times.append(run.0)
      survival.append(estimate)
      steps.append(step)
    }
    self.times = times
    self.survival = survival
    self.steps = steps
  }

  /// The probability to be without failure after `time`.
  public func survival(after time: Int) -> Double {
    times.lastIndex { $0 <= time }.map { survival[$0] } ?? 1
  }

  /// The first time at which at most half survive; nil where more than half never fail.
  public var medianTime: Int? { firstTime(at: survival) }

  /// The interval for the median time (Brookmeyer & Crowley, 1982): the times at which the bounds of
  /// S cross ½, with Greenwood's variance on the scale ln(−ln S); nil for a bound that never does.
  ///
  /// Where everybody has failed that scale has no value; there the upper bound of S is Clopper and
  /// Pearson's for no survivor in the effective sample size (Dorey & Korn, 1987), so that ten runs
  /// which all failed at one step have a bounded median.
  public func medianInterval(confidence: Double = 0.95) -> (lower: Int?, upper: Int?) {
    requireProbability(confidence)
    let bounds = survivalBounds(confidence: confidence)
    return (firstTime(at: bounds.map(\.lower)), firstTime(at: bounds.map(\.upper)))
  }

  /// The interval of S at each of `times`.
  package func survivalBounds(confidence: Double) -> [Interval] {
    let z = normalQuantile(0.5 + confidence / 2)
    var greenwood = 0.0
    var previous = 1.0
    return zip(survival, steps).map { estimate, step in
      defer { previous = estimate }
      guard step.failures < step.atRisk else {
        let effective = Int((Double(step.atRisk) / previous).rounded())
        return clopperPearson(successes: 0, trials: effective, confidence: confidence)
      }
      greenwood +=
        Double(step.failures) / (Double(step.atRisk) * Double(step.atRisk - step.failures))
      let logarithmOfSurvival = logarithm(estimate)
      let width = z * greenwood.squareRoot() / -logarithmOfSurvival
      return Interval(
        lower: power(estimate, exponential(width)), upper: power(estimate, exponential(-width)))
    }
  }

  /// The first time at which a curve is at most ½, with room for the rounding of its products.
  private func firstTime(at curve: [Double]) -> Int? {
    curve.firstIndex { $0 <= 0.5 + 1e-12 }.map { times[$0] }
  }
}
