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
    let seeds: [Column<ProblemAnalysis>] =
      analysis.isRobust
      ? [
        .integer("tuning_seeds", "Tuning seeds") { $0.robust?.tuningSeeds.count },
        .integer("evaluation_seeds", "Evaluation seeds") { $0.robust?.evaluationSeeds.count },
      ] : [.integer("seeds", "Seeds") { $0.seeds.count }]
    return [
      .text("problem", "Problem") { $0.problem.name },
      .integer("methods", "Methods") { $0.robust?.planned.count ?? $0.methods.count },
    ] + seeds + [
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
      .init(
        record.parameterCount > 0
          ? "\(NumberText.count(record.parameterCount, "parameter")), \(length(record))"
          : "\(length(record))")
    ]
    facts.append(
      .init(
        record.hasTarget
          ? "target: \(record.targetWords)\(record.targetRule.isEmpty ? "" : " (\(record.targetRule))")"
          : "no target"))
    let methods = problem.robust?.planned ?? problem.methods.map(\.method)
    facts.append(.init("optimizers: \(methods.map(\.optimizer).distinct.listed(limit: 30))"))
    let clippings = methods.map(\.clipping).distinct.filter { !$0.isEmpty }
    facts.append(
      .init("clipping: \(clippings.isEmpty ? "not recorded" : clippings.listed(limit: 30))"))
    facts += options(problem)
    facts += (problem.robust.map(protocolFacts) ?? grids(problem)).map { .init($0) }
    if let robust = problem.robust { facts += searchSpaces(problem, robust) }
    facts.append(.init("schedule: \(schedules(problem))"))
    if let evaluations = evaluations(problem) { facts.append(.init(evaluations)) }
    facts.append(.init(endings))
    if let repeatability = repeatability(problem) { facts.append(.init(repeatability)) }
    if let void = void(problem) { facts.append(void) }
    facts.append(.init("problem digest \(code: record.digest)"))
    return [
      .paragraph(
        "\(strong: record.name): \(record.summary.isEmpty ? "no description" : record.summary)"),
      .list(facts),
    ]
  }

  /// Why runs could not be computed, the most frequent reasons first.
  private func void(_ problem: ProblemAnalysis) -> Block.Item? {
    let shown = 5
    var counts: [String: Int] = [:]
    for run in problem.summaries where run.status == .void {
      let reason = run.failureTensor.hasPrefix("objective ") ? 10 : 0
      counts[String(run.failureTensor.dropFirst(reason)), default: 0] += 1
    }
    if counts.isEmpty { return nil }
    let reasons = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    var lines = reasons.prefix(shown).map { reason, count -> Prose in
      "\(NumberText.count(count, "run")): \(reason)"
    }
    if reasons.count > shown { lines.append("\(reasons.count - shown) more reasons") }
    return Block.Item("runs that could not be computed, and why:", items: lines)
  }

  /// Whether what another program computes is the same when it is computed again.
  private func repeatability(_ problem: ProblemAnalysis) -> Prose? {
    let found = problem.summaries.compactMap(\.gradientDifference)
    guard let largest = found.max() else { return nil }
    let runs = NumberText.count(found.count, "run")
    return largest == 0
      ? "another program computes loss and gradient: asked for twice at the start of \(runs), the first gradient was the same to the bit"
      : "another program computes loss and gradient: asked for twice at the start of \(runs), the first gradient was not the same twice in \(found.count { $0 > 0 }), at most \(NumberText.significant(largest)) of its norm away, and no run repeats to the bit"
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
    let methods = problem.robust?.planned ?? problem.methods.map(\.method)
    for method in methods {
      guard let entry = problem.configurations[method]?.optimizer,
        seen.insert(method.optimizer).inserted
      else { continue }
      if !method.optimizer.hasPrefix(entry.name) || !optimizers.changes(entry).isEmpty {
        lines.append("\(code: method.optimizer) is \(optimizers.text(entry))")
      }
    }
    for method in methods where method.isClipped {
      guard let transforms = problem.configurations[method]?.clipping, !transforms.isEmpty,
        seen.insert("clipping " + method.clipping).inserted
      else { continue }
      let isNamed = zip(transforms, method.clipping.split(separator: "+"))
        .allSatisfy { $1.drop { $0 == " " }.hasPrefix($0.name) && clips.changes($0).isEmpty }
      if isNamed { continue }
      let words = transforms.map(clips.text).joined(separator: ", then ")
      lines.append("\(code: method.clipping) is \(words)")
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

  /// How the learning rates were found, and which.
  private func protocolFacts(_ robust: RobustAnalysis) -> [Prose] {
    let tried = robust.methods.reduce(0) { sum, method in
      sum
        + (method.settings.isEmpty
          ? method.tuning.count : method.settings.reduce(0) { $0 + $1.rates.count })
    }
    let multiples = StressLadder.multiples.map(LadderColumns.multipleWords).joined(separator: ", ")
    let rates = robust.methods.map { method -> Prose in
      "\(code: method.method.label) \(method.tunedRate.map(NumberText.rate) ?? "none")\(method.settingWords)"
    }
    return [
      """
      protocol: \(ExperimentAnalysis.robustProtocol); tuning seeds \(Self.seeds(robust.tuningSeeds)), evaluation seeds \
      \(Self.seeds(robust.evaluationSeeds)); at most \(NumberText.count(robust.cap, "learning rate")) a \(robust.tunedOptions.isEmpty ? "method" : "setting"), \
      \(NumberText.grouped(tried)) tried in all; evaluated at \(multiples) of the tuned rate
      """,
      """
      reference loss \(NumberText.significant(robust.scale.referenceLoss)), \
      \(robust.scale.lowerBound.map { "lower bound \(NumberText.significant($0))" } ?? "no known lower bound")\
      \(robust.scale.isLogarithmic ? "; losses are compared by their logarithm" : "")
      """,
      "tuned learning rates: \(rates.joined(separator: ", "))",
    ]
  }

  /// Where other options than the learning rate were searched for.
  private func searchSpaces(_ problem: ProblemAnalysis, _ robust: RobustAnalysis) -> [Block.Item] {
    guard let budget = robust.budget, !robust.tunedOptions.isEmpty else { return [] }
    var lines: [Prose] = []
    func add(_ entry: ConfiguredEntry, _ prefix: String) {
      let spaces = context.defaults.searchSpaces[entry.name] ?? [:]
      let words = entry.options.compactMap { option -> String? in
        guard robust.tunedOptions.contains(where: { $0 == prefix + option.name }) else {
          return nil
        }
        return spaces[option.name].map { "\(option.name) \($0)" }
      }
      let line: Prose = "\(code: entry.name): \(words.joined(separator: "; "))"
      if !words.isEmpty, !lines.contains(line) { lines.append(line) }
      for option in entry.options {
        if case .entry(let inner) = option.value { add(inner, "\(prefix)\(option.name)_") }
      }
    }
    for method in robust.planned {
      guard let configuration = problem.configurations[method] else { continue }
      if let optimizer = configuration.optimizer { add(optimizer, "") }
      for clip in configuration.clipping { add(clip, "clipping_") }
      if let schedule = configuration.schedule { add(schedule, "schedule_") }
    }
    return [
      Block.Item(
        "options tuned beside the learning rate by \(budget.strategy.rawValue) search, at most \(NumberText.count(budget.settings, "setting")) a method with every tuning seed, where the file gives no value; searched:",
        items: lines)
    ]
  }

  /// `0–9`, or all of them where they do not follow one another.
  private static func seeds(_ seeds: [Int]) -> String {
    guard let first = seeds.first, let last = seeds.last, seeds.count > 2,
      last - first == seeds.count - 1
    else { return seeds.map { "\($0)" }.joined(separator: ", ") }
    return "\(first)–\(last)"
  }

  private func schedules(_ problem: ProblemAnalysis) -> Prose {
    let description = EntryDescription(defaults: context.defaults.schedules)
    var words: [Prose] = []
    for method in problem.robust?.planned ?? problem.methods.map(\.method) {
      guard let schedule = problem.configurations[method]?.schedule else { continue }
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
    if problem.problem.isRecorded {
      return
        "evaluated after \(NumberText.count(steps[0], "step")) first and \(last) last, \(steps.count) times"
    }
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
    let exploded =
      analysis.isRobust
      ? "a run that ends finite has exploded where its last loss lies more than"
      : "a run has exploded where its loss lies more than"
    return
      "\(exploded) \(NumberText.rate(rules.explosionFactor)) times its scale above its lower bound (the scale: how far above it the run began, at least the problem's unit of loss)\(others)"
  }
}

extension [String] {
  /// Each once, in the order of the first.
  fileprivate var distinct: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}

extension ProblemRecord {
  /// `validation accuracy ≥ 0.86`.
  var targetWords: String {
    let metric = EvaluationMetric(rawValue: targetMetric)
    let isAccuracy = metric?.isAccuracy ?? targetRule.hasPrefix("at least")
    return
      "\(targetMetric.replacing("_", with: " ")) \(isAccuracy ? "≥" : "≤") \(NumberText.exact(targetValue))"
  }
}
