internal import Records

/// One method on one problem.
public struct MethodAnalysis: Sendable {
  public let method: Method
  /// What the runs were given; nil without runs.
  public let configuration: MethodConfiguration?
  /// Over the whole learning-rate grid.
  public let stability: StabilityAnalysis
  public let learningRates: LearningRateAnalysis
  /// The learning rate at which each seed is judged.
  public let choices: [SeedChoice]
  /// At the chosen learning rates.
  public let convergence: ConvergenceAnalysis
  /// The same runs over training.
  public let curve: LossCurve
  /// At the catalog's default learning rate; nil where the grid does not contain it.
  public let outOfTheBox: OutOfTheBox?

  let results: [SeedResult]
  let defaultResults: [SeedResult]

  /// A method as the catalog delivers it.
  public struct OutOfTheBox: Sendable {
    public let learningRate: Double
    public let stability: StabilityAnalysis
    public let convergence: ConvergenceAnalysis
  }

  init(
    _ planned: PlannedMethod, _ runs: [RunSummary], configuration: MethodConfiguration?,
    context: ProblemContext
  ) {
    method = planned.method
    self.configuration = configuration
    let options = context.options
    stability = StabilityAnalysis(runs, planned: planned.runs, options)
    learningRates = LearningRateAnalysis(planned, runs, context.metrics)
    let selection = LearningRateSelection(
      planned, runs, seeds: context.seeds, isCrossFitted: context.isCrossFitted, context.metrics)
    choices = selection.choices
    let chosen = selection.choices.compactMap { choice in
      runs.first { $0.seed == choice.seed && $0.trial == choice.trial }
    }
    convergence = context.convergence(chosen)
    curve = LossCurve(chosen)
    results = Self.results(chosen, grid: runs, context)

    if let setting = planned.settings.first(where: \.isDefaultLearningRate) {
      let own = runs.filter { $0.trial == setting.trial }
      outOfTheBox = OutOfTheBox(
        learningRate: setting.learningRate,
        stability: StabilityAnalysis(own, planned: setting.seeds.count, options),
        convergence: context.convergence(own))
      defaultResults = Self.results(own, grid: own, context)
    } else {
      outOfTheBox = nil
      defaultResults = []
    }
  }

  /// The learning rates of `choices`, the most frequent first, then the smallest.
  public var chosenRates: [ChosenRate] {
    var counts: [(rate: Double, seeds: Int)] = []
    for choice in choices {
      let rate = choice.learningRate
      if let index = counts.firstIndex(where: { $0.rate == rate || $0.rate.isNaN && rate.isNaN }) {
        counts[index].seeds += 1
      } else {
        counts.append((choice.learningRate, 1))
      }
    }
    return counts.sorted { ($1.seeds, $0.rate) < ($0.seeds, $1.rate) }
      .map { ChosenRate(rate: $0.rate, seeds: $0.seeds, edge: learningRates.edge(at: $0.rate)) }
  }

  private static func results(
    _ chosen: [RunSummary], grid: [RunSummary], _ context: ProblemContext
  ) -> [SeedResult] {
    chosen.filter(\.isJudged).map { run in
      let own = grid.filter { $0.seed == run.seed && $0.isJudged }
      return SeedResult(
        seed: run.seed, score: run.cost(context.metrics.score),
        failureShare: Double(own.count { !$0.isStable }) / Double(own.count))
    }
  }
}

/// What the analysis of every method of a problem needs to know of the problem.
struct ProblemContext {
  var problem: ProblemRecord
  var metrics: ProblemMetrics
  var seeds: [Int]
  /// As in `ProblemAnalysis`.
  var budget: Double
  var options: AnalysisOptions

  var isCrossFitted: Bool { seeds.count > 1 }

  func convergence(_ runs: [RunSummary]) -> ConvergenceAnalysis {
    ConvergenceAnalysis(
      runs, planned: seeds.count, problem: problem, metrics: metrics, budget: budget, options)
  }
}
