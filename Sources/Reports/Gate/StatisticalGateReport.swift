public import Analysis
internal import Records

extension GateReport {
  /// The report of a comparison in the statistical mode.
  public init(_ comparison: GateComparison) {
    experiment = comparison.baseline.name
    mode = "statistical"
    isPassed = comparison.isPassed
    let level = NumberText.percent(comparison.policy.significance)
    scope =
      "\(NumberText.count(comparison.settings, "cell")) × \(NumberText.count(comparison.seeds, "seed")), "
      + "cells pooled, false alarms at most \(level)"
    origins = [
      ("baseline", comparison.baseline.originText), ("current", comparison.current.originText),
    ]
    checks =
      Self.comparability(
        comparison.obstacles,
        names: [
          "same experiment", "no missing runs", "enough seeds", "independent seeds",
          "no collapsed cell",
        ])
      + [Self.updateRules(comparison)] + Self.redraws(comparison.redraws)
      + Self.ordered(comparison) + comparison.metrics.map { Self.check($0, comparison) }
    undecided = comparison.isPassed ? comparison.undecided : 0
    table = comparison.metrics.isEmpty ? nil : Table("gate", Self.columns, comparison.metrics)
    explanation = Self.explanation
    json = StatisticalGateJSON(comparison).text
    created = comparison.current.provenance.created
  }

  private static func updateRules(_ comparison: GateComparison) -> Check {
    let name = "update rules"
    let rules = comparison.updateRules
    let unknown =
      rules.unknown.isEmpty
      ? ""
      : "one of the results has no trace of \(NumberText.count(rules.unknown.count, "method")) "
        + "(\(rules.unknown[0].label)\(rules.unknown.count > 1 ? ", …" : "")), as from before they were "
        + "stored; with a new baseline a change of an ε, a decay or a mean over many steps is seen too"
    guard let first = rules.changes.first else {
      if rules.compared == 0, rules.unknown.isEmpty {
        return Check(name, .skipped, "neither result has traces of updates")
      }
      return rules.unknown.isEmpty
        ? Check(name, .passed, "\(NumberText.count(rules.compared, "method")) as before")
        : Check(name, .noticed, unknown)
    }
    let count = rules.changes.count
    return Check(
      name, comparison.failsForUpdateRules ? .failed : .noticed,
      "\(first.text)\(count > 1 ? "; \(count) of \(rules.compared) methods in all" : ""). If that is "
        + "meant, make a new baseline, or set 'update_rule: pass'",
      details: rules.changes.map(\.text) + (unknown.isEmpty ? [] : [unknown]))
  }

  private static func redraws(_ redraws: [GateRedraw]) -> [Check] {
    redraws.isEmpty
      ? []
      : [
        Check(
          "paired seeds", .noticed,
          "every seed draws anew: "
            + redraws.map { "\($0.draw.rawValue) of \($0.problem)" }.joined(separator: ", ")
            + ". Pairs of seeds share nothing any more, so small changes can no longer be found; make a "
            + "new baseline if the streams were meant to change")
      ]
  }

  /// What to know of pairs that share nothing.
  private static func ordered(_ comparison: GateComparison) -> [Check] {
    guard comparison.policy.pairing == .order else { return [] }
    return [
      Check(
        "pairing", .noticed,
        "seeds are paired by their order and share nothing: small changes cannot be found, and the stated "
          + "share of false alarms is that over many baselines; of forty that were kept for many comparisons "
          + "each, the least lucky one failed 18% of equal code (docs/gate-proof.md)")
    ]
  }

  private static func check(_ metric: MetricComparison, _ comparison: GateComparison) -> Check {
    let name = metric.metric.title
    let fails = comparison.isFailure(metric)
    switch metric.verdict {
    case .notApplicable:
      return Check(name, .skipped, "no cell has it")
    case .identical:
      return Check(name, .passed, "identical in every run")
    case .equivalent:
      return Check(name, .passed, "equivalent: \(interval(metric))")
    case .undecided(let needed):
      let more = needed.map { "\(NumberText.grouped($0)) seeds would be needed" } ?? "add seeds"
      return Check(
        name, fails ? .failed : .noticed, "not enough runs to tell (\(interval(metric))); \(more)")
    case .improved, .regressed, .changed:
      let movement = metric.decisive
      let drivers = metric.drivers
      let most = drivers.first.map { ", most in \($0.cell.label)" } ?? ""
      return Check(
        name, fails ? .failed : .noticed,
        "\(metric.verdict.word): \(metric.metric.change(movement.effect)) in "
          + "\(NumberText.count(drivers.count, "cell")) of \(metric.cells.count)\(most) "
          + "(adjusted p = \(NumberText.significant(movement.adjustedPValue, digits: 2)))",
        details: drivers.prefix(10).map { line($0, metric.metric) })
    }
  }

  private static func line(_ cell: CellDifference, _ metric: GateMetric) -> String {
    "\(cell.cell.label): \(metric.level(cell.baseline)) → \(metric.level(cell.current)) "
      + "(\(metric.change(cell.difference)))"
  }

  /// The mean difference with its interval, against the minimum effect.
  private static func interval(_ metric: MetricComparison) -> String {
    let unit = metric.metric
    let bounds =
      if let lower = metric.lower, let upper = metric.upper {
        "\(unit.change(lower)) to \(unit.change(upper))"
      } else {
        unit.change(metric.meanDifference)
      }
    return "mean change \(bounds), \(unit.size(metric.rule.minimumEffect)) matters"
  }

  private static let columns: [Column<MetricComparison>] = [
    .text("metric", "Metric") { $0.metric.title },
    .text("verdict", "Verdict") { $0.verdict.word },
    .integer("cells", "Cells") { $0.cells.count },
    Column("Mean change") { $0.ifCompared { $0.metric.change($0.meanDifference) } },
    Column("Worse by") { $0.ifCompared { $0.metric.change($0.worsening.effect) } },
    Column("p (worse)") {
      $0.ifCompared { NumberText.significant($0.worsening.adjustedPValue, digits: 2) }
    },
    Column("p (better)") {
      $0.ifCompared { metric in
        if metric.metric.orientation == .eitherIsChange { return NumberText.none }
        let better =
          metric.metric.orientation == .higherIsWorse ? metric.decrease : metric.increase
        return NumberText.significant(better.adjustedPValue, digits: 2)
      }
    },
    Column("Matters from") { Prose($0.metric.size($0.rule.minimumEffect)) },
  ]

  private static let explanation =
    "p: probability of so much movement by chance, adjusted for all metrics (sign flips of whole "
    + "seeds, Holm). Worse by: over the cells that got worse. A regression needs a small p and at "
    + "least the change that matters."
}

extension ExperimentHeader {
  /// Where a result comes from, in one line.
  var originText: String {
    var parts = ["optbench \(provenance.optbenchVersion)"]
    if !provenance.gitRevision.isEmpty { parts.append("revision \(provenance.gitRevision)") }
    if !provenance.created.isEmpty { parts.append(provenance.created) }
    if !provenance.cpu.isEmpty { parts.append(provenance.cpu) }
    if !provenance.isa.isEmpty { parts.append(provenance.isa) }
    return parts.joined(separator: ", ")
  }
}

extension MetricComparison {
  /// What to say of a metric that some cell has.
  fileprivate func ifCompared(_ text: (MetricComparison) -> String) -> Prose {
    Prose(cells.isEmpty ? NumberText.none : text(self))
  }
}
