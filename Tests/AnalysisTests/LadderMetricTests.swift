import Analysis
import Records
import Reports
import Statistics
import Testing

/// What the gate compares of the robust protocol's ladder.
@Suite struct LadderMetricTests {
  private static let names = [
    "robust_progress", "overshoot_regret", "useful_share", "useless_share",
  ]

  private static func result(
    seeds: Range<Int> = 0..<10, methods: [String]? = nil,
    change: (inout RobustExperiment.Shape) -> Void = { _ in }
  ) -> ExperimentRecord {
    var experiment = RobustExperiment()
    experiment.problems = [RobustExperiment.classes]
    experiment.evaluationSeeds = Array(seeds)
    experiment.shapes = experiment.shapes.filter {
      let method = Method(optimizer: $0.optimizer, clipping: $0.clipping)
      return $0.trains && methods?.contains(method.label) != false
    }
    .map { shape in
      var shape = shape
      change(&shape)
      return shape
    }
    return experiment.record()
  }

  private static func compare(
    _ current: ExperimentRecord, with baseline: ExperimentRecord = result()
  ) -> [String: MetricComparison] {
    let comparison = GateComparison(
      baseline: baseline, current: current, policy: GatePolicy())
    return Dictionary(uniqueKeysWithValues: comparison.metrics.map { ($0.metric.name, $0) })
  }

  /// Without a change both results' seeds are one result's, so that the values are those of the tables.
  @Test func `values are those of the stress ladder`() throws {
    // The interquartile mean over twelve seeds, taken twice, is theirs.
    let record = Self.result(seeds: 0..<12)
    let metrics = Self.compare(record, with: record)
    let analysis = try #require(
      ExperimentAnalysis(of: record).problems.first?.robust, "no robust analysis")
    for method in analysis.methods {
      let ladder = try #require(method.ladder)
      func mean(_ name: String) throws -> Double {
        let cells = try #require(metrics[name]).cells.filter { $0.cell.method == method.method }
        return cells.map(\.baseline).reduce(0, +) / Double(cells.count)
      }
      #expect(abs(try mean("overshoot_regret") - method.meanOvershootRegret) < 1e-12)
      #expect(abs(try mean("robust_progress") - (method.meanRobustProgress ?? -1)) < 1e-12)
      let runs = Double(ladder.rungs.reduce(0) { $0 + $1.runs })
      #expect(
        abs(try mean("useful_share") - Double(ladder.rungs.reduce(0) { $0 + $1.useful }) / runs)
          < 1e-12)
      #expect(
        abs(try mean("useless_share") - Double(ladder.rungs.reduce(0) { $0 + $1.useless }) / runs)
          < 1e-12)
    }
    #expect(Self.names.allSatisfy { metrics[$0]?.verdict == .identical })
  }

  /// The rates are the same, only where the cliff stands is not: beyond it runs of no use end finite.
  @Test func `a cliff that has moved is a regression of what a misjudged rate costs`() throws {
    var current = Self.result()
    let clean = current
    for index in current.runs.indices {
      let run = current.runs[index]
      let entry = try #require(current.header.plan.first { $0.key == run.key })
      guard case .evaluation(let multiple) = entry.purpose, multiple >= 2, multiple < 10,
        run.optimizer == "adamw", run.clipping == "none"
      else { continue }
      for metric in [EvaluationMetric.trainLoss, .validationLoss, .testLoss] {
        let last = current.runs[index].evaluations[metric].count - 1
        if last >= 0 { current.runs[index].evaluations[metric][last] = 2.25 }
      }
    }
    #expect(current != clean)
    let metrics = Self.compare(current)
    for name in Self.names {
      let metric = try #require(metrics[name])
      #expect(metric.verdict == .regressed, "\(name)")
      #expect(metric.drivers.allSatisfy { $0.cell.method.label == "adamw" }, "\(name)")
    }
    #expect(metrics["divergence_rate"]?.verdict == .identical)
  }

  /// The unit of regret is of both results together: exchanged, they say the same the other way.
  @Test func `baseline and current may be exchanged`() throws {
    let first = Self.result()
    let second = Self.result { $0.edge -= 0.2 }
    let there = GateComparison(baseline: first, current: second, policy: GatePolicy())
    let back = GateComparison(baseline: second, current: first, policy: GatePolicy())
    for (a, b) in zip(there.metrics, back.metrics) where Self.names.contains(a.metric.name) {
      #expect(a.increase.pValue == b.decrease.pValue && a.decrease.pValue == b.increase.pValue)
      #expect(a.meanDifference == -b.meanDifference)
    }
  }

  /// 200 comparisons of equal code, ten seeds against ten: at most 5% may fail but for chance. The pool
  /// draws which of a pair of seeds is the baseline, so that the comparisons are independent draws.
  @Test func `equal code fails no more often than stated`() {
    let pool = SeedPool(
      Self.result(seeds: 0..<40, methods: ["adamw", "sgd + global-norm(1)"]))
    // An improvement of equal code is an alarm as well.
    var policy = GatePolicy()
    policy.improvement = .fail
    var alarms = 0
    var own = 0
    for number in 0..<200 {
      let comparison = pool.comparison(number: number, size: 10, seed: 3, policy: policy)
      #expect(comparison.metrics.count { Self.names.contains($0.metric.name) } == 4)
      alarms += comparison.metrics.contains { comparison.isFailure($0) } ? 1 : 0
      own +=
        comparison.metrics.contains {
          Self.names.contains($0.metric.name) && comparison.isFailure($0)
        } ? 1 : 0
    }
    // 5% of 200 with three standard deviations.
    #expect(alarms <= 19, "\(alarms) alarms, \(own) of them by the ladder")
    #expect(clopperPearson(successes: alarms, trials: 200).lower <= 0.05)
  }

  @Test func `a grid has no ladder`() {
    let comparison = GateTests.compare(GateTests.result())
    #expect(!comparison.metrics.isEmpty)
    #expect(!comparison.metrics.contains { Self.names.contains($0.metric.name) })
  }
}
