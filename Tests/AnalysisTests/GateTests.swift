import Analysis
import Records
import Reports
import Tensors
import Testing

/// Results whose differences are known beforehand.
@Suite struct GateTests {
  /// Two methods at two rates over `seeds`; the final loss of a run is `loss`.
  static func result(
    seeds: Range<Int> = 0..<10, planned: Int? = nil, spec: String = "optbench: 1\n",
    without missing: Set<String> = [], target: Bool = true,
    loss: (_ optimizer: String, _ trial: Int, _ seed: Int) -> Double? = { _, _, seed in
      0.25 + 0.01 * Double(seed)
    }
  ) -> ExperimentRecord {
    let problem = Synthetic.problem(target: target ? (.validationLoss, 0.3) : nil)
    var runs: [RunRecord] = []
    for optimizer in ["sgd", "adam"] {
      for (trial, rate) in [0.1, 1].enumerated() {
        for seed in seeds where !missing.contains("\(optimizer) \(trial) \(seed)") {
          let value = loss(optimizer, trial, seed)
          runs.append(
            Synthetic.run(
              optimizer, clipping: "global-norm(1)", trial: trial, rate: rate, seed: seed,
              losses: [1, 0.6, value ?? 0.9], outcome: value == nil ? .exploded : .completed,
              failureStep: value == nil ? 50 : -1, fired: [1, 2, 3]))
        }
      }
    }
    var record = Synthetic.experiment([problem], runs, planned: planned)
    record.header.spec = spec
    record.header.specDigest = "digest of \(spec) \(seeds)"
    return record
  }

  static func compare(
    _ current: ExperimentRecord, policy: GatePolicy = GatePolicy(),
    baseline: ExperimentRecord = result()
  ) -> GateComparison {
    GateComparison(baseline: baseline, current: current, policy: policy)
  }

  private func verdict(_ comparison: GateComparison, _ name: String) -> GateVerdict? {
    comparison.metrics.first { $0.metric.name == name }?.verdict
  }

  @Test func `equal results are identical in every metric and pass`() {
    let comparison = Self.compare(Self.result())
    #expect(comparison.isPassed && comparison.obstacles.isEmpty)
    #expect(comparison.seeds == 10 && comparison.settings == 4)
    #expect(comparison.metrics.allSatisfy { $0.verdict == .identical })
    #expect(comparison.metrics.count == 7)
  }

  /// A data set of one class: its loss and its unit, the loss of guessing, are 0 from the start.
  @Test(arguments: [0, -0.0, Double.nan, Double.infinity, 1e-300])
  func `a loss at its lower bound from the start has a verdict`(unit: Double) {
    var same = Self.result { _, _, _ in 0 }
    for index in same.runs.indices {
      same.runs[index].evaluations[.validationLoss] = same.runs[index].evaluations[.validationLoss]
        .map { _ in 0 }
      same.runs[index].trajectory[.loss] = same.runs[index].trajectory[.loss].map { _ in 0 }
    }
    same.header.problems[0].lossUnit = unit
    for isFlushing in [false, true] {
      FloatingPointMode.flushingDenormals(isFlushing) {
        #expect(Self.compare(same, baseline: same).isPassed)
        _ = Self.compare(Self.result(), baseline: same)
      }
    }
  }

  @Test func `a cell that got worse is a regression although another got better`() throws {
    let comparison = Self.compare(
      Self.result { optimizer, trial, seed in
        let own = 0.25 + 0.01 * Double(seed)
        return optimizer == "sgd" && trial == 1 ? own * 1.2 : optimizer == "adam" ? own / 1.2 : own
      })
    #expect(!comparison.isPassed && comparison.obstacles.isEmpty)
    let loss = try #require(comparison.metrics.first { $0.metric.name == "final_loss" })
    #expect(loss.verdict == .regressed)
    #expect(loss.worsening.pValue <= 3.0 / 1024)
    #expect(abs(loss.worsening.effect - 0.0791812) < 1e-6)
    #expect(loss.drivers.map(\.cell.method.optimizer) == ["sgd"])
    #expect(loss.drivers.first?.cell.learningRate == 1)
    #expect(verdict(comparison, "divergence_rate") == .identical)
  }

  @Test func `metrics in which nothing differs cost the others no significance`() throws {
    var current = Self.result()
    for index in current.runs.indices where current.runs[index].seed < 9 {
      for step in 10..<30 { current.runs[index].trajectory.clipFired[step] = 1 }
    }
    for index in current.runs.indices where current.runs[index].seed == 9 {
      current.runs[index].trajectory.clipFired[1] = 0
    }
    let comparison = Self.compare(current)
    let clip = try #require(comparison.metrics.last)
    #expect(clip.increase.adjustedPValue <= 2 * clip.increase.pValue)
    #expect(clip.verdict == .changed)
    #expect(comparison.metrics.dropLast().allSatisfy { $0.increase.adjustedPValue == 1 })
  }

  @Test func `a difference that is significant but does not matter is equivalence`() {
    let comparison = Self.compare(
      Self.result { _, _, seed in (0.25 + 0.01 * Double(seed)) * 1.001 })
    #expect(verdict(comparison, "final_loss") == .equivalent)
    #expect(comparison.isPassed)
  }

  @Test func `an improvement passes or fails as the policy says`() throws {
    let better = Self.result { _, _, seed in (0.25 + 0.01 * Double(seed)) / 1.2 }
    let comparison = Self.compare(better)
    #expect(verdict(comparison, "final_loss") == .improved)
    #expect(comparison.isPassed)
    let strict = try GatePolicy("gate: 1\nimprovement: fail\n", file: "p.yml")
    #expect(!Self.compare(better, policy: strict).isPassed)
  }

  @Test func `noise is neither regression nor equivalence and says how many seeds would be needed`()
    throws
  {
    let noisy = Self.result { optimizer, trial, seed in
      // Signs that no cell shares with another.
      let sign: Double = (seed * 7 + trial * 3 + (optimizer == "sgd" ? 1 : 0)) % 5 < 2 ? 1 : -1
      return (0.25 + 0.01 * Double(seed)) * (1 + 0.25 * sign)
    }
    let comparison = Self.compare(noisy)
    guard case .undecided(let needed)? = verdict(comparison, "final_loss") else {
      Issue.record("\(String(describing: verdict(comparison, "final_loss")))")
      return
    }
    #expect(try #require(needed) > 10)
    let strict = try GatePolicy("gate: 1\nundecided: fail\n", file: "p.yml")
    #expect(comparison.isPassed && !Self.compare(noisy, policy: strict).isPassed)
  }

  @Test func `new failures are a regression of the divergence rate and of the stable width`() {
    let comparison = Self.compare(
      Self.result { _, trial, seed in
        trial == 1 && seed < 9 ? nil : 0.25 + 0.01 * Double(seed)
      })
    #expect(verdict(comparison, "divergence_rate") == .regressed)
    #expect(verdict(comparison, "stable_width") == .regressed)
    #expect(!comparison.isPassed)
  }

  @Test func `a cell in which every run fails now fails the gate by itself`() {
    let comparison = Self.compare(
      Self.result { optimizer, trial, seed in
        optimizer == "sgd" && trial == 0 ? nil : 0.25 + 0.01 * Double(seed)
      })
    let cell = GateCell(
      problem: "bowl", method: Method(optimizer: "sgd", clipping: "global-norm(1)"),
      learningRate: 0.1)
    #expect(comparison.obstacles == [.collapsed(cell)])
  }

  @Test func `two seeds make a collapse and one does not`() {
    func obstacles(_ seeds: Range<Int>) -> [GateObstacle] {
      Self.compare(
        Self.result(seeds: seeds) { optimizer, trial, _ in
          optimizer == "sgd" && trial == 0 ? nil : 0.25
        }, baseline: Self.result(seeds: seeds)
      ).obstacles
    }
    let cell = GateCell(
      problem: "bowl", method: Method(optimizer: "sgd", clipping: "global-norm(1)"),
      learningRate: 0.1)
    #expect(obstacles(0..<2).contains(.collapsed(cell)))
    #expect(!obstacles(0..<1).contains(.collapsed(cell)))
  }

  @Test func `a loss ten times as high is one decade, down to a billionth of the unit`() throws {
    let baseline = Self.result { _, _, seed in 1e-9 * (1 + 0.01 * Double(seed)) }
    let comparison = Self.compare(
      Self.result { _, _, seed in 1e-8 * (1 + 0.01 * Double(seed)) }, baseline: baseline)
    let loss = try #require(comparison.metrics.first { $0.metric.name == "final_loss" })
    #expect(loss.verdict == .regressed && abs(loss.meanDifference - 1) < 1e-6)
  }

  @Test func `a run whose gradients are mostly infinite has a tail of a million`() throws {
    var current = Self.result()
    for index in current.runs.indices {
      for step in 0..<60 { current.runs[index].trajectory[.gradientNorm][step] = .infinity }
    }
    let tail = try #require(
      Self.compare(current).metrics.first { $0.metric.name == "gradient_tail" })
    #expect(tail.verdict == .regressed && abs(tail.meanDifference - 6) < 1e-9)
  }

  @Test func `a clip that fires at other steps is a change whichever way it goes`() {
    var current = Self.result()
    for index in current.runs.indices {
      current.runs[index].trajectory.clipFired[1] = 0
      current.runs[index].trajectory.clipFired[2] = 0
    }
    #expect(verdict(Self.compare(current), "clip_fire_rate") == .changed)
    #expect(!Self.compare(current).isPassed)
    #expect(verdict(Self.compare(Self.result(), baseline: current), "clip_fire_rate") == .changed)
  }

  @Test func `missing runs fail and are named`() {
    let current = Self.result(planned: 40, without: ["adam 1 3"])
    let comparison = Self.compare(current)
    #expect(
      comparison.obstacles == [
        .incomplete(.current, stored: 39, planned: 40),
        .missingRuns(
          .current, ["bowl: adam global-norm(1) lr=1.0 trial=1 seed=3"], count: 1),
      ])
    #expect(!comparison.isPassed && comparison.settings == 3)
    #expect(!Self.compare(Self.result(), baseline: current).isPassed)
  }

  @Test func `fewer seeds and too few seeds fail`() {
    let fewer = Self.compare(Self.result(seeds: 0..<9))
    #expect(fewer.obstacles.contains(.missingSeeds([9])))
    let five = Self.result(seeds: 0..<5)
    let few = Self.compare(five, baseline: five)
    #expect(few.obstacles == [.tooFewSeeds(5, needed: 9)])
    #expect(!few.isPassed)
  }

  @Test func `other seeds are compared in order only if the policy says so`() throws {
    let other = Self.result(seeds: 10..<20) { _, _, seed in 0.25 + 0.01 * Double(seed - 10) }
    let bySeed = Self.compare(other)
    #expect(bySeed.obstacles.contains(.nothingInCommon) && bySeed.metrics.isEmpty)
    let byOrder = try GatePolicy("gate: 1\npairing: order\n", file: "p.yml")
    let comparison = Self.compare(other, policy: byOrder)
    #expect(comparison.isPassed && comparison.seeds == 10)
    let fewer = Self.compare(Self.result(seeds: 10..<19), policy: byOrder)
    #expect(fewer.obstacles.contains(.fewerSeeds(baseline: 10, current: 9)))
  }

  @Test func `another experiment is not compared and the keys are named`() {
    let baseline = Self.result(spec: "optbench: 1\ntitle: a\nbudget: {steps: 100}\nseeds: 10\n")
    let sameButForSeeds = Self.result(
      spec: "optbench: 1 # again\ntitle: b\nseeds: [0, 1]\nbudget: {steps: 1e2}\n")
    #expect(Self.compare(sameButForSeeds, baseline: baseline).isPassed)
    let other = Self.result(spec: "optbench: 1\nbudget: {steps: 90}\nstop: {}\nseeds: 10\n")
    let comparison = Self.compare(other, baseline: baseline)
    #expect(
      comparison.obstacles == [
        .otherSpec([
          ValueDifference(path: "budget.steps", baseline: "100", current: "90"),
          ValueDifference(path: "stop", baseline: nil, current: "{}"),
        ])
      ])
    #expect(comparison.metrics.isEmpty && !comparison.isPassed)
  }

  @Test func `another data set under the same name is not compared`() {
    var current = Self.result()
    current.header.problems[0].digest = "another"
    current.header.problems[0].summary = "other data"
    #expect(
      Self.compare(current).obstacles == [
        .otherProblem("bowl", baseline: "a made-up problem, batch size 8", current: "other data")
      ])
  }

  /// The same seeds that draw other numbers: nothing fails, and the power is gone.
  @Test func `streams that are drawn anew are told`() {
    func drawn(_ stream: String, changing seeds: Range<Int> = 0..<10) -> ExperimentRecord {
      var record = Self.result()
      for index in record.runs.indices {
        let seed = record.runs[index].seed
        record.runs[index].initialParametersDigest = "\(seed)"
        record.runs[index].dataOrderDigest = seeds.contains(seed) ? "\(stream) \(seed)" : "\(seed)"
      }
      return record
    }
    let redrawn = Self.compare(drawn("b"), baseline: drawn("a"))
    #expect(redrawn.redraws == [GateRedraw(problem: "bowl", draw: .dataOrder)])
    #expect(redrawn.isPassed)
    let report = GateReport(redrawn)
    #expect(report.checks.contains { $0.name == "paired seeds" && $0.status == .noticed })
    #expect(report.conclusion.contains("1 notice"))
    // One seed that is as it was shows that the streams are the same.
    #expect(
      Self.compare(drawn("b", changing: 1..<10), baseline: drawn("a", changing: 1..<10))
        .redraws.isEmpty)
    #expect(Self.compare(drawn("a"), baseline: drawn("a")).redraws.isEmpty)
  }

  @Test func `what is undecided stands in the last line`() throws {
    let noisy = Self.result { optimizer, trial, seed in
      let sign: Double = (seed * 7 + trial * 3 + (optimizer == "sgd" ? 1 : 0)) % 5 < 2 ? 1 : -1
      return (0.25 + 0.01 * Double(seed)) * (1 + 0.25 * sign)
    }
    let comparison = Self.compare(noisy)
    #expect(comparison.undecided > 0 && comparison.isPassed)
    #expect(GateReport(comparison).conclusion.contains("\(comparison.undecided) undecided"))
  }

  @Test func `seeds that share what they should draw fail although no mean moves`() {
    func distinct(_ count: Int) -> ExperimentRecord {
      var record = Self.result()
      for index in record.runs.indices {
        record.runs[index].initialParametersDigest = "\(record.runs[index].seed % count)"
      }
      return record
    }
    let comparison = Self.compare(distinct(1), baseline: distinct(10))
    #expect(
      comparison.obstacles == [
        .repeatedDraws("bowl", .initialParameters, distinct: 1, baseline: 10)
      ])
    #expect(Self.compare(distinct(10), baseline: distinct(10)).isPassed)
  }

  @Test func `a run that misses its target counts with ten budgets`() throws {
    var baseline = Self.result()
    for index in baseline.runs.indices { baseline.runs[index].targetStep = 50 }
    let comparison = Self.compare(Self.result(), baseline: baseline)
    let metric = try #require(
      comparison.metrics.first { $0.metric.name == "evaluations_to_target" })
    // 1,000 gradient evaluations, ten times the 100 steps, where 50 had been enough: log₁₀ 20.
    #expect(metric.cells.count == 4)
    for cell in metric.cells { #expect(abs(cell.difference - 1.301029995663981) < 1e-12) }
  }

  @Test func `a metric that no cell has is not applicable`() {
    let plain = Self.result(target: false)
    let comparison = Self.compare(plain, baseline: plain)
    #expect(verdict(comparison, "evaluations_to_target") == .notApplicable)
    #expect(comparison.isPassed)
  }
}

@Suite struct GatePolicyTests {
  @Test func `an empty policy is the built-in one`() throws {
    let policy = try GatePolicy("gate: 1\n", file: "p.yml")
    #expect(policy.rules.map(\.metric.name) == GatePolicy().rules.map(\.metric.name))
    #expect(!policy.rules.contains { $0.metric.name == "time_per_step" })
  }

  @Test func `metrics are switched and given effects`() throws {
    let policy = try GatePolicy(
      """
      gate: 1
      significance: 0.01
      metrics:
        time_per_step: {minimum_effect: 0.1}
        final_loss: off
        best_loss: on
      """, file: "p.yml")
    let names = policy.rules.map(\.metric.name)
    #expect(names.contains("time_per_step") && names.contains("best_loss"))
    #expect(!names.contains("final_loss") && policy.significance == 0.01)
    #expect(policy.rules.last?.minimumEffect == 0.1)
  }

  @Test(arguments: [
    ("metrics: {}", "'gate' is missing"),
    ("gate: 2", "format 1"),
    ("gate: 1\nmetrics: {finalloss: off}", "final_loss"),
    ("gate: 1\nmetrics: {final_loss: {minimum_effect: 0}}", "a number from"),
    ("gate: 1\nmetrics: {final_loss: maybe}", "on"),
    ("gate: 1\npairing: random", "seed"),
    ("gate: 1\nsignificance: 0.5", "0.2"), ("gate: 1\nsignificance: 1.0e-17", "a number from"),
    ("gate: 1\nexact: {units_in_last_place: -1}", "0"),
    (
      "gate: 1\nmetrics: {"
        + GateMetric.all.map { "\($0.name): off" }.joined(separator: ", ") + "}",
      "every metric is off"
    ),
  ])
  func `a mistake is refused with what is allowed`(text: String, message: String) {
    let error = #expect(throws: (any Error).self) { try GatePolicy(text, file: "p.yml") }
    #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(String(describing: error))")
  }
}
