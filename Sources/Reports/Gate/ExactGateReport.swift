public import Analysis
internal import Records

extension GateReport {
  /// The report of a comparison in the exact mode.
  public init(_ comparison: ExactComparison) {
    experiment = comparison.baseline.name
    mode = "exact"
    isPassed = comparison.isPassed
    let limit = comparison.policy.unitsInLastPlace
    scope =
      "\(NumberText.count(comparison.runs, "run")), every recorded number "
      + (limit == 0 ? "the same" : "within \(limit) ulp")
    origins = [
      ("baseline", comparison.baseline.originText), ("current", comparison.current.originText),
    ]
    let others = comparison.obstacles.contains { $0.check == GateObstacle.determinism }
    checks =
      Self.comparability(
        comparison.obstacles,
        names: ["same experiment"] + (others ? [GateObstacle.determinism] : [])
          + ["no missing runs"])
      + [Self.check(comparison)] + Self.machineCheck(comparison)
    undecided = 0
    table =
      comparison.distances.isEmpty
      ? nil : Table("gate", Self.columns, Self.shown(comparison.distances))
    explanation =
      "ulp: units in the last place, the largest over all runs and series; ∞ where one number is NaN."
    json = ExactGateJSON(comparison).text
    created = comparison.current.provenance.created
  }

  private static func check(_ comparison: ExactComparison) -> Check {
    let name = "Identical runs"
    guard comparison.runs > 0 else { return Check(name, .skipped, "no run was compared") }
    guard let first = comparison.differences.first else {
      return Check(name, .passed, "all \(NumberText.count(comparison.runs, "run"))")
    }
    let count = comparison.differences.count
    return Check(
      name, .failed,
      "\(NumberText.grouped(count)) of \(NumberText.count(comparison.runs, "run")) differ; the "
        + "first to part is \(first.text)",
      details: comparison.differences.dropFirst().prefix(9).map(\.text))
  }

  /// Across machines the same bits are promised to nobody.
  private static func machineCheck(_ comparison: ExactComparison) -> [Check] {
    let before = comparison.baseline.provenance
    let after = comparison.current.provenance
    guard !comparison.isPassed, before.cpu != after.cpu || before.isa != after.isa else {
      return []
    }
    return [
      Check(
        "Same machine type", .noticed,
        "the results come from other processors or instruction sets (\(before.cpu), \(before.isa); "
          + "\(after.cpu), \(after.isa)), between which the same bits are not promised; make the "
          + "baseline on this machine, or use --mode statistical")
    ]
  }

  /// The first steps that differ, then ever fewer.
  private static func shown(
    _ distances: [ExactComparison.StepDistance]
  ) -> [ExactComparison.StepDistance] {
    distances.indices.filter { index in
      index < 4 || index == distances.count - 1 || index & (index - 1) == 0
    }.map { distances[$0] }
  }

  private static let columns: [Column<ExactComparison.StepDistance>] = [
    .integer("step", "Step") { $0.step },
    Column("Runs that differ") { Prose(NumberText.grouped($0.runs)) },
    Column("Largest distance, ulp") {
      Prose($0.unitsInLastPlace == .max ? "∞" : NumberText.grouped(Int($0.unitsInLastPlace)))
    },
  ]
}

extension RunDifference {
  /// The run, the place, and both numbers.
  var text: String { "\(key.problem): \(key.run) \(placeText)\(numbers)" }

  private var placeText: String {
    switch place {
    case .start(let what): "before the first step, in the \(what)"
    case .step(let step, let series): "at step \(step), in \(series)"
    case .evaluation(let step, let metric): "at the evaluation after \(step) steps, in \(metric)"
    case .summary(let what): "in the \(what)"
    }
  }

  private var numbers: String {
    if let texts, let old = texts.baseline, let new = texts.current {
      let path = texts.path.isEmpty ? "" : "\(texts.path) "
      return ": \(path)\(old.isEmpty ? "none" : old) → \(new.isEmpty ? "none" : new)"
    }
    guard let baseline, let current else { return "" }
    let distance = unitsInLastPlace.map { " (\(NumberText.grouped(Int($0))) ulp)" } ?? ""
    return ": \(number(baseline)) → \(number(current))\(distance)"
  }

  /// All digits of a `Float`.
  private func number(_ value: Double) -> String { "\(Float(value))" }
}
