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
    let differences =
      pairs.settings.isEmpty || pairs.seeds.isEmpty
      ? [] : policy.rules.map { pairs.differences($0, policy.significance) }
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
  public var isPassed: Bool { obstacles.isEmpty && !metrics.contains { isFailure($0) } }

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

  /// The settings of each method by ascending learning rate.
  private func grids(of settings: [GateRuns.Setting]) -> [[GateRuns.Setting]] {
    var methods: [Method] = []
    for setting in settings where !methods.contains(setting.method) {
      methods.append(setting.method)
    }
    return methods.map { method in
      settings.filter { $0.method == method }.sorted { $0.learningRate < $1.learningRate }
    }
  }
}
