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

/// `tuning:` with other options than the learning rate, from the file to the report.
@Suite struct SettingTuningTests {
  private static func text(
    _ tuning: String = "{seeds: 2, rates: 7, search: halton, settings: 3, axes: all}",
    optimizers: String = "momentum, adamw", clipping: String = "none, global-norm",
    problem: String = "rosenbrock-2d", seeds: String = "3"
  ) -> String {
    """
    optbench: 1
    name: settings
    protocol: robust
    tuning: \(tuning)
    problems: [\(problem)]
    optimizers: [\(optimizers)]
    clipping: [\(clipping)]
    seeds: \(seeds)
    budget: {steps: 20}
    """
  }

  private func plan(_ text: String) throws -> ExperimentPlan {
    try ExperimentPlan(ExperimentSpec(text, file: "settings.yml"), baseDirectory: ".")
  }

  private static let options = {
    var options = AnalysisOptions()
    options.resamples = 20
    return options
  }()

  private func analysis(_ record: ExperimentRecord) -> ExperimentAnalysis {
    ExperimentAnalysis(of: record, options: Self.options)
  }

  @discardableResult
  private func run(
    _ plan: ExperimentPlan, jobs: Int = 2, into store: any RunStore,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> Bool {
    try ExperimentRunner(plan: plan, jobs: jobs).run(
      into: store, report: { _ in }, isCancelled: isCancelled)
  }

  private func result(_ text: String, _ folder: TemporaryFolder) throws -> ExperimentRecord {
    let path = "\(folder.path)/\(UUID().uuidString).h5"
    let plan = try plan(text)
    try run(plan, into: RunArchive(path: path, header: plan.header(provenance: Provenance())))
    return try RunArchive.read(path)
  }

  @Test(arguments: ["random", "halton", "halving"])
  func theRunsAreTheSameWhateverTheJobs(search: String) throws {
    let text = Self.text("{seeds: 2, search: \(search), settings: 3}")
    var results: [[RunRecord]] = []
    for jobs in [1, 3] {
      let store = MemoryStore()
      #expect(try run(plan(text), jobs: jobs, into: store))
      results.append(store.published)
    }
    #expect(results[0] == results[1])
    let plan = try plan(text)
    #expect(results[0].count <= plan.mostRuns(among: plan.runs))
  }

  /// The file alone tells which setting was chosen: the one that the ladder runs at.
  @Test(arguments: ["halton", "halving"])
  func theAnalysisMakesTheSameChoices(search: String) throws {
    let record = try result(
      Self.text("{seeds: 3, search: \(search), settings: 4}"), TemporaryFolder())
    let robust = try #require(analysis(record).problems[0].robust)
    #expect(robust.unfinished.isEmpty && robust.methods.count == 4)
    #expect(robust.budget?.settings == 4)
    for method in robust.methods {
      let ladder = record.header.plan.filter {
        $0.purpose.name == "evaluation" && $0.optimizer == method.method.optimizer
          && $0.clipping == method.method.clipping
      }
      let chosen = Set(ladder.map { RunSetting(Array($0.setting.values.dropFirst())) })
      #expect(chosen == [method.setting])
      let tuned = try #require(method.tunedRate)
      #expect(ladder.contains { $0.setting.learningRate == tuned && $0.purpose.multiple == 1 })
      #expect(
        method.settings.count == (search == "halving" ? 7 : 4) + (search == "halving" ? 0 : 1))
      #expect(method.settings.filter(\.isChosen).map(\.values) == [method.setting])
      // No setting that all seeds tried is better.
      let best = method.settings.filter { $0.seeds == 3 }.map(\.score).min()
      #expect(method.settings.first(where: \.isChosen)?.score == best)
      #expect(method.runs.count == record.runs.count { RunMethod($0) == RunMethod(method) })
    }
    // Some setting is better than the default on a function that wants momentum.
    #expect(robust.methods.contains { !$0.setting.values.isEmpty })
  }

  private struct RunMethod: Equatable {
    let optimizer, clipping: String
    init(_ run: RunRecord) { (optimizer, clipping) = (run.optimizer, run.clipping) }
    init(_ method: RobustMethod) {
      (optimizer, clipping) = (method.method.optimizer, method.method.clipping)
    }
  }

  /// What is stored of a run is what was drawn, and what it trained with.
  @Test func everyRunSaysItsSetting() throws {
    let record = try result(Self.text(), TemporaryFolder())
    let byKey = Dictionary(uniqueKeysWithValues: record.runs.map { ($0.key, $0) })
    let drawn = record.header.plan.filter { $0.setting.values.count > 1 }
    #expect(drawn.count > 4 * 3 * 2)
    for entry in drawn {
      let run = try #require(byKey[entry.key])
      let config = try Setting.parse(run.config, file: "config")
      func option(_ part: String, _ name: String) throws -> Double? {
        try config.value(of: part)?.value(of: name)?.number()
      }
      let decay = Double(try #require(entry.setting["weight_decay"]))
      #expect(try option("optimizer", "weight_decay") == decay)
      #expect(run.hyperparameters.first { $0.name == "weight_decay" }?.value == decay)
      let warmup = Double(try #require(entry.setting["schedule_warmup_steps"]))
      #expect(try option("schedule", "warmup_steps") == warmup)
      #expect(run.hyperparameters.first { $0.name == "schedule_warmup_steps" }?.value == warmup)
      #expect(entry.isDefault == false && run.isDefaultLearningRate == false)
      let threshold = entry.setting["clipping_max_norm"].flatMap { Double($0) }
      #expect((threshold != nil) == (run.clipping != "none"))
      guard let threshold else { continue }
      let clips = try #require(config.value(of: "clipping")).elements()
      #expect(try clips[0].value(of: "max_norm")?.number() == threshold)
      let starts = record.runs.filter {
        $0.seed >= 1000 && $0.trial == 0 && $0.optimizer == "adamw"
      }
      .compactMap { $0.trajectory[.gradientNorm].first.map { Double($0) } }
      // The median of two tuning seeds, with and without the clip.
      #expect(starts.count == 4)
      let unit = starts.reduce(0, +) / Double(starts.count)
      #expect((0.099...10.1).contains(threshold / unit))
    }
  }

  /// Selection by validation alone, for settings as well.
  @Test func theTestSplitDecidesNothing() throws {
    let text = Self.text(clipping: "global-norm", problem: "digits-mlp")
    let honest = MemoryStore()
    try run(plan(text), into: honest)
    let blind = TestlessStore()
    try run(plan(text), into: blind)
    #expect(blind.readCount > 0)
    #expect(honest.published.map(\.key) == blind.inner.published.map(\.key))
    #expect(honest.published.contains { $0.key.run.contains("weight_decay=") })
  }

  @Test func otherMethodsMoveNoRun() throws {
    let small = MemoryStore()
    try run(plan(Self.text(clipping: "global-norm")), into: small)
    let large = MemoryStore(kept: small.published)
    try run(
      plan(
        Self.text(
          optimizers: "rmsprop, adamw, momentum", clipping: "value, global-norm", seeds: "4")),
      into: large)
    for optimizer in ["momentum", "adamw"] {
      func keys(_ store: MemoryStore) -> Set<String> {
        Set(
          store.published.filter { $0.optimizer == optimizer && $0.clipping == "global-norm(1)" }
            .map(\.key.run))
      }
      #expect(keys(small).isSubset(of: keys(large)))
      #expect(keys(large).count == keys(small).count + 7)
    }
  }

  @Test func anInterruptedSearchGoesOnAndPartsMerge() throws {
    let folder = try TemporaryFolder()
    let text = Self.text("{seeds: 2, search: halving, settings: 3}", clipping: "global-norm")
    let whole = try result(text, folder)
    let plan = try plan(text)
    func archive() throws -> RunArchive {
      try RunArchive(
        path: "\(folder.path)/part.h5", header: plan.header(provenance: Provenance()))
    }
    for stop in [30, 55, 80] {
      let store = try archive()
      _ = try run(plan, jobs: 1, into: store) {
        ((try? store.finishedRuns().count) ?? 0) >= stop
      }
    }
    #expect(try run(plan, into: archive()))
    #expect(
      try RunArchive.read("\(folder.path)/part.h5").contentDigest == whole.contentDigest)

    let parts = try ["momentum", "adamw"].map { name in
      let record = try result(
        Self.text(
          "{seeds: 2, search: halving, settings: 3}", optimizers: name, clipping: "global-norm"),
        folder)
      return (file: name, record: record)
    }
    let union = try ExperimentUnion(parts.map { (file: $0.file, text: $0.record.header.spec) })
    let merged = try ExperimentRecord(
      merging: parts, spec: union.text, specDigest: union.digest)
    #expect(merged.header.plan.map(\.key) == whole.header.plan.map(\.key))
    let values = [merged, whole].map { record in
      analysis(record).problems[0].robust?.methods.map {
        "\($0.method.label) \($0.setting) \($0.tunedRate ?? 0) \($0.overshootRegret.value)"
      }
    }
    #expect(values[0] == values[1])
  }

  /// A file that tuned the rate alone goes on with a search for settings: what was evaluated at the
  /// default's rate stays, and belongs to no search any more.
  @Test func aSearchForSettingsGoesOnFromOneForTheRate() throws {
    let folder = try TemporaryFolder()
    func grow(_ tuning: String, to name: String) throws -> ExperimentRecord {
      let path = "\(folder.path)/\(name).h5"
      let plan = try plan(Self.text(tuning, optimizers: "momentum"))
      try run(plan, into: RunArchive(path: path, header: plan.header(provenance: Provenance())))
      return try RunArchive.read(path)
    }
    let wide = "{seeds: 2, rates: 7, settings: 3}"
    let before = try grow("{seeds: 2, rates: 7}", to: "grown")
    let grown = try grow(wide, to: "grown")
    let fresh = try grow(wide, to: "fresh")
    #expect(grown.runs.count > fresh.runs.count)
    #expect(Set(before.runs.map(\.key)).isSubset(of: Set(grown.runs.map(\.key))))
    let problems = [grown, fresh].map { analysis($0).problems[0] }
    let methods = try problems.map { try #require($0.robust).methods }
    #expect(methods[0].count == 2)
    for (a, b) in zip(methods[0], methods[1]) {
      #expect(a.setting == b.setting && a.tunedRate == b.tunedRate)
      #expect(a.tunedRuns.map(\.key) == b.tunedRuns.map(\.key))
      #expect(a.overshootRegret.value == b.overshootRegret.value)
    }
    #expect(
      problems[0].summaries.filter(\.isTabled).map(\.key)
        == problems[1].summaries.filter(\.isTabled).map(\.key))
  }

  @Test func theReportSaysWhatWasTuned() throws {
    let record = try result(Self.text(), TemporaryFolder())
    let analysis = self.analysis(record)
    let report = Report(analysis)
    #expect(report.tables.first { $0.name == "settings" }?.count == 4 * 4)
    let files = ReportFormat.all.flatMap { $0.render(report) }
    let page = try #require(files.first { $0.name == "report.md" }).contents
    #expect(page.contains("Tuned over the learning rate and `"))
    #expect(page.contains("The learning rate and `") && !page.contains("Prose("))
    let robust = try #require(analysis.problems[0].robust)
    for method in robust.methods where !method.setting.values.isEmpty {
      #expect(page.filter { $0 != "\\" }.contains(method.setting.description))
    }
    for method in robust.methods where !method.setting.values.isEmpty {
      let alone = try #require(
        self.analysis(
          record.keeping(optimizer: method.method.optimizer, clipping: method.method.clipping)
        ).problems[0].robust)
      var constraint = Recommendation.Constraint()
      constraint.multiple = 1
      constraint.usefulShare = 0.01
      let words = RecommendationText.render(
        Recommendation(of: alone, constraint: constraint), training: "")
      #expect(words.contains(" with \(method.setting)"))
    }
  }

  @Test(arguments: [
    ("{search: grid}", "unknown search 'grid'; allowed: random, halton, halving"),
    ("{settings: 0}", "from 1 to 1000"), ("{axes: []}", "the list is empty"),
    ("{axes: [weight_decay, weight_decay]}", "'weight_decay' is given twice"),
    ("{axes: [all, betas]}", "'all' stands alone"),
    ("{axes: [max_value]}", "no method of this file has 'max_value' to search for"),
    ("{axes: [warmup]}", "warmup_steps"), ("{axes: [eps]}", "weight_decay"),
    ("{axes: {betas: 1}}", "axes"),
  ])
  func whatCannotBeSearchedIsRefused(tuning: String, message: String) throws {
    let error = #expect(throws: SettingsError.self) {
      try ExperimentSpec(Self.text(tuning), file: "settings.yml")
    }
    let text = error?.description ?? ""
    #expect(text.contains(message) && text.hasPrefix("settings.yml:4:"), "\(text)")
  }

  @Test func aFileWithoutAnythingToSearchIsRefused() throws {
    let text =
      Self.text(
        "{search: random}", optimizers: "{name: sgd, weight_decay: 0}", clipping: "none"
      ) + "\nschedule: {name: constant, warmup_steps: 0}"
    let error = #expect(throws: SettingsError.self) {
      try ExperimentSpec(text, file: "settings.yml")
    }
    #expect(error?.description.contains("no method of this file has an option") == true)
  }
}

extension ExperimentRecord {
  /// The same experiment with one of its methods.
  fileprivate func keeping(optimizer: String, clipping: String) -> ExperimentRecord {
    var header = header
    header.plan = header.plan.filter { $0.optimizer == optimizer && $0.clipping == clipping }
    header.plannedRuns = header.plan.count
    return ExperimentRecord(
      header: header, runs: runs.filter { $0.optimizer == optimizer && $0.clipping == clipping })
  }
}
