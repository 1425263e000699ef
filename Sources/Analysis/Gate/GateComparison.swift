public import Records
internal import Statistics

/// Two results of one experiment compared metric by metric, all cells pooled.
///
/// The seed is the unit of randomness: each seed's runs share initial parameters and batches over
/// all methods and rates, so that a seed's differences are swapped in all cells together
/// (`SignFlipTest`). Over all metrics in which anything differs, and both directions, the p-values are
/// adjusted by Holm's method, which makes the probability of any false alarm at most the policy's `significance`.
public struct GateComparison: Sendable {
  public let baseline: ExperimentHeader
  public let current: ExperimentHeader
  public let policy: GatePolicy
  /// The seeds compared.
  public let seeds: Int
  /// The settings compared: problem × method × learning rate.
  public let settings: Int
  public let obstacles: [GateObstacle]
  /// What the paired seeds do not share.
  public let redraws: [GateRedraw]
  /// Whether the methods update as they did.
  public let updateRules: UpdateRuleComparison
  /// In the policy's order; empty where nothing can be compared.
  public let metrics: [MetricComparison]

  public init(baseline: ExperimentRecord, current: ExperimentRecord, policy: GatePolicy) {
    self.init(GatePairs(baseline, current, policy), policy)
  }

  init(_ pairs: GatePairs, _ policy: GatePolicy) {
    baseline = pairs.baseline.record.header
    current = pairs.current.record.header
    self.policy = policy
    seeds = pairs.seeds.count
    settings = pairs.settings.count
    redraws = pairs.redraws
    // Another experiment may well ask for other options.
    updateRules =
      GatePairs.definitionObstacles(baseline, current).isEmpty
      ? UpdateRuleComparison(baseline, current) : UpdateRuleComparison()
    let differences =
      pairs.settings.isEmpty || pairs.seeds.isEmpty
      ? [] : pairs.rules(of: policy).map { pairs.differences($0, policy.significance) }
    let pValues = differences.flatMap(\.pValues)
    let adjusted = holmAdjusted(pValues)
    var position = 0
    metrics = differences.map { metric in
      defer { position += metric.pValues.count }
      let own = Array(adjusted[position..<(position + metric.pValues.count)])
      return metric.judged(adjusted: own, significance: policy.significance)
    }
    var obstacles = pairs.obstacles
    let tests = differences.reduce(0) { $0 + $1.testCount }
    if tests > 0 {
      let needed = Self.seedsNeeded(tests: tests, policy.significance)
      if pairs.seeds.count < needed {
        obstacles.append(.tooFewSeeds(pairs.seeds.count, needed: needed))
      }
    }
    self.obstacles = obstacles
  }

  /// The metrics of which neither a difference nor equivalence could be shown.
  public var undecided: Int {
    metrics.count { if case .undecided = $0.verdict { true } else { false } }
  }

  /// Whether nothing is in the way and no metric fails by the policy.
  public var isPassed: Bool {
    obstacles.isEmpty && !failsForUpdateRules && !metrics.contains { isFailure($0) }
  }

  /// Whether a method that updates otherwise fails the gate by the policy.
  public var failsForUpdateRules: Bool {
    policy.updateRule == .fail && !updateRules.changes.isEmpty
  }

  /// Whether the verdict fails the gate by the policy.
  public func isFailure(_ metric: MetricComparison) -> Bool {
    switch metric.verdict {
    case .regressed, .changed: true
    case .improved: policy.improvement == .fail
    case .undecided: policy.undecided == .fail
    case .identical, .equivalent, .notApplicable: false
    }
  }

  /// The fewest seeds with which the smallest of so many p-values can be significant.
  static func seedsNeeded(tests: Int, _ significance: Double) -> Int {
    (1...SignFlipTest.exactLimit).first {
      SignFlipTest.smallestPValue(units: $0) * Double(tests) <= significance
    } ?? SignFlipTest.exactLimit
  }
}

extension GatePairs {
  /// The policy's metrics, those of the robust protocol only where it was followed.
  func rules(of policy: GatePolicy) -> [GatePolicy.Rule] {
    let hasLadder = settings.contains(where: \.isMultiple)
    return policy.rules.filter { hasLadder || !$0.metric.isOfLadder }
  }

  /// The paired values of one metric.
  func differences(_ rule: GatePolicy.Rule, _ significance: Double) -> MetricDifferences {
    var cells: [GateCell] = []
    var before: [[Double]] = []
    var after: [[Double]] = []
    func add(_ cell: GateCell, _ baseline: [Double?], _ current: [Double?]) {
      let known = (baseline.compactMap { $0 }, current.compactMap { $0 })
      guard known.0.count == baseline.count, known.1.count == current.count else { return }
      cells.append(cell)
      before.append(known.0)
      after.append(known.1)
    }
    for problem in baseline.record.header.problems {
      let own = settings.filter { $0.problem == problem.name }
      switch rule.metric.scope {
      case .run(let value):
        for setting in own {
          add(
            GateCell(setting),
            seeds.map { pair in
              baseline.run(setting, seed: pair.baseline).flatMap { value($0, problem) }
            },
            seeds.map { pair in
              current.run(setting, seed: pair.current).flatMap { value($0, problem) }
            })
        }
      case .rung(let value):
        for ladder in ladders(of: own, problem) {
          for setting in ladder.settings {
            add(
              GateCell(setting),
              seeds.map { pair in
                baseline.run(setting, seed: pair.baseline).flatMap { value($0, ladder.unit) }
              },
              seeds.map { pair in
                current.run(setting, seed: pair.current).flatMap { value($0, ladder.unit) }
              })
          }
        }
      case .ladder(let value):
        for ladder in ladders(of: own, problem) {
          add(
            GateCell(problem: problem.name, method: ladder.settings[0].method, learningRate: nil),
            seeds.map { pair in
              value(
                ladder.settings.compactMap { baseline.run($0, seed: pair.baseline) }, ladder.unit)
            },
            seeds.map { pair in
              value(ladder.settings.compactMap { current.run($0, seed: pair.current) }, ladder.unit)
            })
        }
      case .grid(let value):
        for grid in grids(of: own) {
          add(
            GateCell(problem: problem.name, method: grid[0].method, learningRate: nil),
            seeds.map { pair in
              value(grid.compactMap { baseline.run($0, seed: pair.baseline) })
            },
            seeds.map { pair in
              value(grid.compactMap { current.run($0, seed: pair.current) })
            })
        }
      }
    }
    return MetricDifferences(
      rule, cells: cells, baseline: before, current: after, significance: significance)
  }

  /// The ladders of the methods that were run at all multiples of their own tuned rates.
  ///
  /// What progress at the tuned rate is worth is measured over the seeds of *both* results: it is then the
  /// same whichever seeds are swapped, so that the test stays exact.
  private func ladders(
    of settings: [GateRuns.Setting], _ problem: ProblemRecord
  ) -> [(settings: [GateRuns.Setting], unit: GateLadderUnit)] {
    guard let scale = ProgressScale(problem) else { return [] }
    return grids(of: settings.filter(\.isMultiple)).compactMap { ladder in
      guard ladder.map(\.learningRate) == StressLadder.multiples else { return nil }
      let tuned = ladder[StressLadder.tuned]
      let runs = seeds.flatMap { pair in
        [baseline.run(tuned, seed: pair.baseline), current.run(tuned, seed: pair.current)]
      }
      let best = interquartileMean(runs.map { scale.position($0?.scoreLoss) })
      return (ladder, GateLadderUnit(scale: scale, best: best))
    }
  }

  /// The settings of each method by ascending learning rate.
  private func grids(of settings: [GateRuns.Setting]) -> [[GateRuns.Setting]] {
    var methods: [Method] = []
    for setting in settings where !methods.contains(setting.method) {
      methods.append(setting.method)
    }
    return methods.map { method in
      settings.filter { $0.method == method }.sorted {
        ($0.learningRate ?? .infinity) < ($1.learningRate ?? .infinity)
      }
    }
  }
}
