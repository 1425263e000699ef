internal import Records
internal import Statistics

/// A published figure beside what the stored runs measured.
public struct PublishedComparison: Sendable {
  /// Whether a published figure can be told from our seeds.
  public enum Verdict: String, Sendable {
    /// The published number lies between our lowest and our highest seed, or our mean in the
    /// published range; the tolerance widens both.
    case within
    /// It does not; nor does a number of which some run has no counterpart because it failed or never
    /// met the target.
    case outside
    /// No run measured it.
    case missing
  }

  public let figure: PublishedFigure
  public let problem: String
  public let method: Method
  /// The runs that measured it.
  public let runs: Int
  /// The interquartile mean over runs: +∞ where failed runs decide; nil without runs.
  public let mean: Double?
  public let lowest: Double?
  public let highest: Double?
  public let verdict: Verdict

  /// - Parameter problem: The problem that the figure belongs to.
  init(_ figure: PublishedFigure, on problem: ProblemAnalysis) {
    self.figure = figure
    self.problem = problem.problem.name
    method = Method(optimizer: figure.optimizer, clipping: figure.clipping)
    let values = Self.runs(of: figure, method, on: problem)
      .compactMap { Self.value(figure.quantity, of: $0, problem.problem) }
    runs = values.count
    mean = values.isEmpty ? nil : interquartileMean(values)
    lowest = values.min()
    highest = values.max()
    verdict = Self.verdict(figure, values)
  }

  /// The method's runs at the published learning rate, or else at the chosen ones.
  private static func runs(
    of figure: PublishedFigure, _ method: Method, on problem: ProblemAnalysis
  ) -> [RunSummary] {
    let own = problem.summaries.filter { $0.method == method }
    if figure.learningRate != nil { return own.filter { figure.isAt($0.learningRate) } }
    let choices = problem.methods.first { $0.method == method }?.choices ?? []
    return own.filter { run in choices.contains { $0.seed == run.seed && $0.trial == run.trial } }
  }

  /// What a run measured: +∞ for the loss of a failed run and for a target never met, 0 for the
  /// accuracy of a failed run, nil where the problem measures no such thing.
  private static func value(
    _ quantity: PublishedFigure.Quantity, of run: RunSummary, _ problem: ProblemRecord
  ) -> Double? {
    switch quantity {
    case .final(let metric):
      guard run.final(metric) != nil || run.isFailed else { return nil }
      return metric.isAccuracy ? run.merit(metric) : run.cost(metric)
    case .stepsToTarget, .epochsToTarget:
      guard problem.hasTarget else { return nil }
      guard run.targetStep >= 0 else { return .infinity }
      if quantity == .stepsToTarget { return Double(run.targetStep) }
      return problem.stepsPerEpoch > 0
        ? Double(run.targetStep) / Double(problem.stepsPerEpoch) : nil
    }
  }

  private static func verdict(_ figure: PublishedFigure, _ values: [Double]) -> Verdict {
    guard let lowest = values.min(), let highest = values.max() else { return .missing }
    let isWithin =
      switch figure.value {
      case .number(let value, _):
        highest.isFinite && lowest - figure.tolerance <= value
          && value <= highest + figure.tolerance
      case .range(let least, let greatest):
        least - figure.tolerance <= interquartileMean(values)
          && interquartileMean(values) <= greatest + figure.tolerance
      }
    return isWithin ? .within : .outside
  }
}
