internal import Statistics

/// Where each method stands when the baseline's runs have ended, by the time that training took on
/// the machine of the runs.
///
/// A method whose step takes three times as long is looked at after a third of its run. It has not
/// annealed its learning rate by then, so its loss is an upper bound of what a run planned for that
/// time would reach. A method that is faster has ended, and is looked at where it ended.
public struct EqualTime: Sendable {
  /// One method.
  public struct Standing: Sendable {
    /// The median over seeds of the seconds that a run trained, at the tuned rate.
    public let secondsPerRun: Double
    /// The same over the steps of the run.
    public let secondsPerStep: Double
    /// The share of its gradient evaluations that a run had made by then, at most 1.
    public let share: Double
    /// The loss by then, over seeds as the tuned loss is; nil where no evaluation was made so early.
    public let loss: Double?
  }

  /// The median over seeds of the seconds that a run of the baseline trained.
  public let seconds: Double
  /// By method, in the order of the analysis; nil without runs or times.
  public let standings: [Standing?]

  /// nil where the baseline's times are not known.
  public init?(_ analysis: RobustAnalysis) {
    guard let baseline = analysis.comparison?.baseline,
      let limit = Self.middle(analysis.methods[baseline].tunedRuns.map(\.trainingSeconds))
    else { return nil }
    seconds = limit
    standings = analysis.methods.map { method in
      let runs = method.tunedRuns
      guard let own = Self.middle(runs.map(\.trainingSeconds)),
        let step = Self.middle(
          runs.filter { $0.steps > 0 }.map { $0.trainingSeconds / Double($0.steps) })
      else { return nil }
      let share = min(1, limit / own)
      let losses = runs.map { run -> Double?? in
        if share == 1 { return .some(run.isFailed ? nil : run.curve.last?.value) }
        let reach = Int64((share * Double(run.gradientEvaluations)).rounded(.down))
        // The first evaluation was made before any training.
        guard let last = run.curve.last(where: { $0.gradientEvaluations <= reach }),
          last.gradientEvaluations > 0
        else { return nil }
        return .some(last.value)
      }
      let known = losses.compactMap { $0 }
      return Standing(
        secondsPerRun: own, secondsPerStep: step, share: share,
        loss: known.count == runs.count
          ? analysis.scale.loss(at: analysis.scale.middlePosition(of: known)) : nil)
    }
  }

  private static func middle(_ seconds: [Double]) -> Double? {
    let known = seconds.filter { $0.isFinite && $0 > 0 }
    return known.isEmpty ? nil : median(known)
  }
}
