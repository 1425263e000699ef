public import Records

/// Everything that the tables of one problem say.
public struct ProblemAnalysis: Sendable {
  public let problem: ProblemRecord
  public let metrics: ProblemMetrics
  public let options: AnalysisOptions
  /// The seeds planned, as far as stored runs show them.
  public let seeds: [Int]
  /// Whether each seed's learning rate was chosen by other seeds: false with one seed.
  public let isCrossFitted: Bool
  /// The gradient evaluations of the common budget: one for each planned step. A method that asks for
  /// more gradients a step may spend more; it changes nobody's budget.
  public let budget: Double
  /// Seconds of training, all runs together.
  public let wallSeconds: Double
  public let runs: RunTally
  /// Every stored run, in the order of the file.
  public let summaries: [RunSummary]
  /// What the robust protocol found; nil for a grid. The tables of methods are then those of the runs
  /// at the tuned rate.
  public let robust: RobustAnalysis?
  /// In the order of the plan.
  public let methods: [MethodAnalysis]
  /// What the runs of each method were given.
  public let configurations: [Method: MethodConfiguration]
  public let optimizers: [FactorAnalysis]
  public let clippings: [FactorAnalysis]
  /// The failed runs of all methods.
  public let failures: [FailureGroup]
  /// The steps after which runs were evaluated: those of the run with the most evaluations.
  public let evaluationSteps: [Int]
  /// At the learning rates chosen by cross-fitting.
  public let ranking: Ranking
  /// At the catalog's default learning rate, of the methods whose grid has it.
  public let outOfTheBoxRanking: Ranking

  let seedTable: SeedTable

  init(
    _ summarized: ExperimentSummaries.Problem, planned: [PlannedMethod],
    in header: ExperimentHeader, _ options: AnalysisOptions
  ) {
    let problem = summarized.problem
    let metrics = summarized.metrics
    let all = summarized.runs
    let entries = header.plan.filter { $0.key.problem == problem.name }
    robust = RobustAnalysis(problem, plan: entries, all, spec: header.spec, options)
    let summaries = all.filter(\.isTabled)
    let seeds = Set(planned.flatMap { $0.settings.flatMap(\.seeds) }).sorted()
    let context = ProblemContext(
      problem: problem, metrics: metrics, seeds: seeds,
      budget: Double(max(problem.steps, 1)), options: options)
    var byMethod: [Method: [RunSummary]] = [:]
    for summary in summaries { byMethod[summary.method, default: []].append(summary) }
    var configurations: [Method: MethodConfiguration] = [:]
    for run in all {
      let method = run.method
      if configurations[method] == nil {
        configurations[method] = MethodConfiguration(config: run.config)
      }
    }
    let methods = planned.map { plan in
      MethodAnalysis(
        plan, byMethod[plan.method, default: []], configuration: configurations[plan.method],
        context: context)
    }
    let table = SeedTable(methods.map { ($0.method, $0.results) })
    let defaults = SeedTable(
      methods.filter { $0.outOfTheBox != nil }.map { ($0.method, $0.defaultResults) })

    self.problem = problem
    self.metrics = metrics
    self.options = options
    self.seeds = seeds
    isCrossFitted = context.isCrossFitted
    budget = context.budget
    wallSeconds = all.reduce(0) { $0 + $1.wallSeconds }
    let plannedRuns = planned.reduce(0) { $0 + $1.runs }
    runs = RunTally(all, planned: plannedRuns + entries.count { !$0.isTabled })
    self.summaries = all
    self.methods = methods
    self.configurations = configurations
    optimizers = FactorAnalysis.all(planned, summaries, by: \.optimizer, options)
    clippings = FactorAnalysis.all(planned, summaries, by: \.clipping, options)
    failures = FailureGroup.groups(of: summaries)
    evaluationSteps =
      all.map(\.evaluationSteps).max { $0.count < $1.count }.map { $0.map(Int.init) } ?? []
    seedTable = table
    ranking = Ranking(table, options)
    outOfTheBoxRanking = Ranking(defaults, options)
  }

  /// The methods by final loss, those that failures decide left out.
  public var methodsByLoss: [MethodAnalysis] {
    let losses = methods.map { $0.convergence.final(metrics.score)?.value ?? .infinity }
    return methods.indices.filter { losses[$0].isFinite }
      .sorted { (losses[$0], $0) < (losses[$1], $1) }
      .map { methods[$0] }
  }

  /// The methods by what they need to reach the target, those that never reach it left out; by the
  /// mean log-loss during training where the problem has no target or nobody reached it.
  public var methodsBySpeed: [MethodAnalysis] {
    let costs = methods.map { $0.convergence.target?.expectedRunningTime ?? .infinity }
    let areas = methods.map { $0.convergence.areaUnderLogLoss?.value ?? .infinity }
    let keys = costs.contains { $0.isFinite } ? costs : areas
    return methods.indices.filter { keys[$0].isFinite }
      .sorted { (keys[$0], areas[$0], $0) < (keys[$1], areas[$1], $1) }
      .map { methods[$0] }
  }
}
