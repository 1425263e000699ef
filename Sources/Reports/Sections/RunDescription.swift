internal import Analysis
internal import Records

/// What was run, with what, and under which rules.
struct RunDescription {
  private let analysis: ExperimentAnalysis
  private let context: ReportContext

  init(_ analysis: ExperimentAnalysis, _ context: ReportContext) {
    self.analysis = analysis
    self.context = context
  }

  var blocks: [Block] {
    [.heading(2, "What was run"), .table(Table("runs", columns, analysis.problems))]
      + analysis.problems.flatMap(description)
  }

  private var columns: [Column<ProblemAnalysis>] {
    let void: [Column<ProblemAnalysis>] =
      analysis.runs.void > 0 ? [.integer("runs_void", "Not computed") { $0.runs.void }] : []
    return [
      .text("problem", "Problem") { $0.problem.name },
      .integer("methods", "Methods") { $0.methods.count },
      .integer("seeds", "Seeds") { $0.seeds.count },
      .integer("steps", "Steps") { $0.problem.steps },
      TallyColumns.planned.titled("Planned runs").of(\.runs),
      TallyColumns.done.titled("Done").of(\.runs),
      TallyColumns.failed.titled("Failed").of(\.runs),
      TallyColumns.missing.titled("Missing").of(\.runs),
    ] + void
  }

  private func description(_ problem: ProblemAnalysis) -> [Block] {
    let record = problem.problem
    var facts: [Block.Item] = [
      .init("\(NumberText.count(record.parameterCount, "parameter")), \(length(record))")
    ]
    facts.append(
      .init(
        record.hasTarget
          ? "target: \(record.targetWords)\(record.targetRule.isEmpty ? "" : " (\(record.targetRule))")"
          : "no target"))
    facts.append(.init("optimizers: \(problem.optimizers.map(\.name).listed(limit: 30))"))
    facts.append(.init("clipping: \(problem.clippings.map(\.name).listed(limit: 30))"))
    facts += options(problem)
    facts += grids(problem).map { .init($0) }
    facts.append(.init("schedule: \(schedules(problem))"))
    if let evaluations = evaluations(problem) { facts.append(.init(evaluations)) }
    facts.append(.init(endings))
    facts.append(.init("problem digest \(code: record.digest)"))
    return [
      .paragraph(
        "\(strong: record.name): \(record.summary.isEmpty ? "no description" : record.summary)"),
      .list(facts),
    ]
  }

  private func length(_ record: ProblemRecord) -> String {
    let steps = NumberText.count(record.steps, "step")
    guard record.stepsPerEpoch > 0 else { return steps }
    let epochs = Double(record.steps) / Double(record.stepsPerEpoch)
    return "\(steps) (\(NumberText.significant(epochs)) passes over the training data)"
  }

  /// The options that are not the catalog's defaults, by the labels of optimizers and clips.
  private func options(_ problem: ProblemAnalysis) -> [Block.Item] {
    let optimizers = EntryDescription(defaults: context.defaults.optimizers)
    let clips = EntryDescription(defaults: context.defaults.clipping)
    var seen: Set<String> = []
    var lines: [Prose] = []
    for method in problem.methods {
      guard let entry = method.configuration?.optimizer,
        seen.insert(method.method.optimizer).inserted
      else { continue }
      if !method.method.optimizer.hasPrefix(entry.name) || !optimizers.changes(entry).isEmpty {
        lines.append("\(code: method.method.optimizer) is \(optimizers.text(entry))")
      }
    }
    for method in problem.methods where method.method.isClipped {
      guard let transforms = method.configuration?.clipping, !transforms.isEmpty,
        seen.insert("clipping " + method.method.clipping).inserted
      else { continue }
      let isNamed = zip(transforms, method.method.clipping.split(separator: "+"))
        .allSatisfy { $1.drop { $0 == " " }.hasPrefix($0.name) && clips.changes($0).isEmpty }
      if isNamed { continue }
      let words = transforms.map(clips.text).joined(separator: ", then ")
      lines.append("\(code: method.method.clipping) is \(words)")
    }
    if lines.isEmpty { return [] }
    return [Block.Item("options that are not the catalog's defaults:", items: lines)]
  }

  /// One line per distinct grid of learning rates.
  private func grids(_ problem: ProblemAnalysis) -> [Prose] {
    let maps = StabilityMap.maps(of: problem)
    return maps.map { map in
      var optimizers: [String] = []
      for method in map.methods where !optimizers.contains(method.method.optimizer) {
        optimizers.append(method.method.optimizer)
      }
      let rates = map.settings.joined(separator: ", ")
      let whose: Prose = maps.count == 1 ? "" : " of \(optimizers.listed(limit: 30))"
      return "learning rates\(whose): \(rates)"
    }
  }

  private func schedules(_ problem: ProblemAnalysis) -> Prose {
    let description = EntryDescription(defaults: context.defaults.schedules)
    var words: [Prose] = []
    for method in problem.methods {
      guard let schedule = method.configuration?.schedule else { continue }
      let text = description.text(schedule)
      if !words.contains(text) { words.append(text) }
    }
    return words.isEmpty ? "unknown" : words.joined(separator: "; ")
  }

  private func evaluations(_ problem: ProblemAnalysis) -> Prose? {
    let steps = problem.evaluationSteps
    guard let last = steps.last, steps.count > 1 else { return nil }
    let intervals = zip(steps, steps.dropFirst()).map { $1 - $0 }
    let interval = intervals[0]
    // The last evaluation comes when the run ends, wherever that is.
    if intervals.dropLast().allSatisfy({ $0 == interval }) {
      return
        "evaluated before the first step, every \(NumberText.count(interval, "step")) and at the end"
    }
    return "evaluated \(steps.count) times, from before the first step to after step \(last)"
  }

  /// When a run ends before its budget, and when it has failed.
  private var endings: Prose {
    let rules = analysis.endingRules
    let others = rules.others.filter { !["budget.steps", "budget.epochs"].contains($0.path) }
      .map { "; \($0.path) \($0.value)" }.joined()
    return
      "a run has exploded where its loss lies more than \(NumberText.rate(rules.explosionFactor)) times its scale above its lower bound (the scale: how far above it the run began, at least the problem's unit of loss)\(others)"
  }
}

extension ProblemRecord {
  /// `validation accuracy ≥ 0.86`.
  var targetWords: String {
    let metric = EvaluationMetric(rawValue: targetMetric)
    let isAccuracy = metric?.isAccuracy ?? false
    return
      "\(targetMetric.replacing("_", with: " ")) \(isAccuracy ? "≥" : "≤") \(NumberText.exact(targetValue))"
  }
}
