import Analysis
import Experiments
import Foundation
import Optimizers
import Records
import Reports
import Settings
import Storage
import TestSupport
import Testing

/// What the gate sees of a method's rule without training it.
@Suite struct UpdateTraceTests {
  private static func header(
    _ optimizers: String, clipping: String = "[none]", problem: String = "rosenbrock-2d"
  ) throws -> ExperimentHeader {
    let spec = try ExperimentSpec(
      """
      optbench: 1
      name: traced
      problems: [\(problem)]
      optimizers: \(optimizers)
      learning_rate: [0.001]
      clipping: \(clipping)
      seeds: 1
      budget: {steps: 5}
      """, file: "t.yml")
    return try ExperimentPlan(spec, baseDirectory: ".").header(provenance: Provenance())
  }

  private static func compare(_ before: ExperimentHeader, _ after: ExperimentHeader)
    -> GateComparison
  {
    // Of one experiment: it is the program that has changed.
    var current = before
    current.updateTraces = after.updateTraces
    return GateComparison(
      baseline: ExperimentRecord(header: before, runs: []),
      current: ExperimentRecord(header: current, runs: []), policy: GatePolicy())
  }

  /// A label hides the options, as a change of the code would.
  @Test(arguments: [
    ("{name: adam, label: m}", "{name: adam, betas: [0.9, 0.99], label: m}"),
    ("{name: adam, label: m}", "{name: adam, eps: 1.0e-5, label: m}"),
    (
      "{name: adamw, weight_decay: 0.5, label: m}", "{name: adamw, weight_decay: 0.45, label: m}"
    ),
    ("{name: adam, label: m}", "{name: adam, amsgrad: true, label: m}"),
    (
      "{name: sgd, momentum: 0.9, label: m}",
      "{name: sgd, momentum: 0.9, weight_decay: 1.0e-3, label: m}"
    ),
  ])
  func `a change that training hardly shows is named`(before: String, after: String) throws {
    let comparison = try Self.compare(Self.header("[\(before)]"), Self.header("[\(after)]"))
    #expect(comparison.updateRules.changes.map(\.method.label) == ["m"])
    #expect(comparison.failsForUpdateRules)
    let report = GateReport(comparison)
    let check = try #require(report.checks.first { $0.name == "update rules" })
    #expect(
      check.status == .failed && check.message.hasPrefix("m updates otherwise, first at step"))
  }

  @Test func `a threshold is part of the rule, the learning rate of the grid is not`() throws {
    let clips = ["1", "1.1"].map { "[{name: global-norm, max_norm: \($0), label: c}]" }
    let before = try Self.header("[sgd]", clipping: clips[0])
    let after = try Self.header("[sgd]", clipping: clips[1])
    #expect(Self.compare(before, after).updateRules.changes.count == 1)
    let other = try Self.header(
      "[{name: sgd, label: sgd, learning_rate: [0.3, 3]}]", clipping: clips[0])
    #expect(Self.compare(before, other).updateRules.changes.isEmpty)
    let different = GateComparison(
      baseline: ExperimentRecord(header: before, runs: []),
      current: ExperimentRecord(header: after, runs: []), policy: GatePolicy())
    #expect(different.updateRules.changes.isEmpty && !different.isPassed)
  }

  /// Every entry of the catalog has numbers that its rule moves, and the same ones each time.
  @Test func `every optimizer leaves a trace`() throws {
    let names = optimizerCatalog.entries.map(\.name)
    // Some draw labels.
    let problem =
      "{name: d, dataset: digits, model: {name: mlp, hidden: [4]}, loss: cross-entropy, batch_size: 8}"
    func header() throws -> ExperimentHeader {
      try Self.header("[\(names.joined(separator: ", "))]", problem: problem)
    }
    let header = try header()
    #expect(header.updateTraces.count == header.plan.count)
    let count = UpdateTrace.coordinates.count
    for trace in header.updateTraces {
      let start = trace.parameters.prefix(count)
      let isFinite = trace.parameters.allSatisfy { $0.isFinite }
      #expect(isFinite, "\(trace.optimizer)")
      #expect(trace.parameters.suffix(count) != start, "\(trace.optimizer) does not move")
    }
    #expect(
      try Self.header("[adam]").updateTraces[0]
        == header.updateTraces.first { $0.optimizer == "adam" })
  }

  /// A single unit in the last place is rounding; one part in a thousand of an update is not.
  @Test func `rounding is no change and a thousandth is`() throws {
    let header = try Self.header("[adam, momentum]")
    var rounded = header
    for index in rounded.updateTraces.indices {
      rounded.updateTraces[index].parameters = rounded.updateTraces[index].parameters.map(\.nextUp)
    }
    #expect(Self.compare(header, rounded).updateRules.changes.isEmpty)
    #expect(Self.compare(header, rounded).updateRules.compared == 2)
    var moved = header
    let width = UpdateTrace.coordinates.count
    for step in 10...UpdateTrace.steps {
      moved.updateTraces[0].parameters[step * width] += 3e-5
    }
    let changes = Self.compare(header, moved).updateRules.changes
    #expect(changes.map(\.step) == [9] && changes.map(\.coordinate) == ["weight[0,0]"])
    moved.updateTraces[0].parameters[5 * width + 3] = .nan
    #expect(Self.compare(header, moved).updateRules.changes.map(\.step) == [4])
  }

  @Test func `a result without traces says so and passes`() throws {
    let header = try Self.header("[adam]")
    var old = header
    old.updateTraces = []
    let comparison = Self.compare(old, header)
    #expect(comparison.updateRules.unknown.map(\.label) == ["adam"])
    #expect(!comparison.failsForUpdateRules)
    let check = try #require(GateReport(comparison).checks.first { $0.name == "update rules" })
    #expect(check.status == .noticed && check.message.contains("new baseline"))
  }

  @Test func `traces survive the file, and those of trained methods a change of the program`()
    throws
  {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/r.h5"
    let text = """
      optbench: 1
      name: traced
      problems: [rosenbrock-2d]
      optimizers: [adam, {name: sgd, grid: {momentum: [0, 0.9]}}]
      learning_rate: [0.001]
      seeds: 1
      budget: {steps: 5}
      """
    func run(_ text: String, _ change: (inout ExperimentHeader) -> Void) throws {
      let plan = try ExperimentPlan(
        ExperimentSpec(text, file: "t.yml"), baseDirectory: ".")
      var header = plan.header(provenance: Provenance())
      change(&header)
      let archive = try RunArchive(path: path, header: header)
      _ = try ExperimentRunner(plan: plan, jobs: 1).run(
        into: archive, report: { _ in }, isCancelled: { false })
    }
    try run(text) { _ in }
    let first = try RunArchive.read(path).header.updateTraces
    #expect(first.map(\.setting) == ["", "momentum=0", "momentum=0.9"])
    #expect(first[1].parameters != first[2].parameters)
    try run(text.replacing("[adam,", with: "[adam, rmsprop,")) { header in
      for index in header.updateTraces.indices { header.updateTraces[index].parameters[9] = 7 }
    }
    let second = try RunArchive.read(path).header.updateTraces
    #expect(second.filter { $0.optimizer != "rmsprop" } == first)
    #expect(second.first { $0.optimizer == "rmsprop" }?.parameters[9] == 7)
  }
}
