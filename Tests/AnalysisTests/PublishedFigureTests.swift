import Analysis
import Records
import Reports
import Settings
import Testing

@Suite struct PublishedFigureTests {
  /// Ten seeds of `sgd` at two rates; the final test losses at 0.1 are 0.30 … 0.39.
  private func experiment(
    published: String, target: (metric: EvaluationMetric, value: Double)? = (.testLoss, 0.5),
    change: (inout RunRecord) -> Void = { _ in }
  ) -> ExperimentRecord {
    let runs = [0.01, 0.1].enumerated().flatMap { trial, rate in
      (0..<10).map { seed in
        var run = Synthetic.run(
          "sgd", trial: trial, rate: rate, seed: seed,
          losses: [1, 0.5, (rate == 0.1 ? 0.3 : 0.8) + 0.01 * Double(seed)],
          targetStep: seed < 5 ? 50 : 60)
        change(&run)
        return run
      }
    }
    var record = Synthetic.experiment([Synthetic.problem(target: target)], runs)
    record.header.spec = "optbench: 1\npublished:\n" + published
    return record
  }

  private func compare(_ figure: String) throws -> PublishedComparison {
    let analysis = ExperimentAnalysis(of: experiment(published: "  - {\(figure)}"))
    return try #require(analysis.published.first)
  }

  @Test(arguments: [
    ("value: 0.3451", PublishedComparison.Verdict.within), ("value: 0.29", .outside),
    ("value: 0.4", .outside), ("value: 0.29, tolerance: 0.011", .within),
    ("range: [0.34, 0.35]", .within), ("range: [0.30, 0.34]", .outside),
    ("range: [0.30, 0.34], tolerance: 0.01", .within),
  ])
  func `a figure is within the range of the seeds or it is not`(
    value: String, verdict: PublishedComparison.Verdict
  ) throws {
    let comparison = try compare(
      "source: a, optimizer: sgd, learning_rate: 0.10001, metric: test_loss, \(value)")
    #expect(comparison.verdict == verdict)
    #expect(comparison.runs == 10)
    #expect(abs((comparison.mean ?? 0) - 0.345) < 1e-6)
    #expect(abs((comparison.lowest ?? 0) - 0.30) < 1e-6)
    #expect(abs((comparison.highest ?? 0) - 0.39) < 1e-6)
  }

  @Test func `without a learning rate the chosen one counts`() throws {
    let comparison = try compare("source: a, optimizer: sgd, metric: test_loss, value: 0.31")
    #expect(comparison.verdict == .within && comparison.runs == 10)
    let other = try compare(
      "source: a, optimizer: sgd, learning_rate: 0.01, metric: test_loss, value: 0.31")
    #expect(other.verdict == .outside && other.runs == 10)
  }

  @Test func `steps and epochs to the target are compared`() throws {
    let steps = try compare(
      "source: a, optimizer: sgd, learning_rate: 0.1, metric: steps_to_target, range: [50, 60]")
    #expect(steps.verdict == .within && steps.lowest == 50 && steps.highest == 60)
    let epochs = try compare(
      "source: a, optimizer: sgd, learning_rate: 0.1, metric: epochs_to_target, value: 5.5")
    #expect(epochs.verdict == .within && epochs.lowest == 5 && epochs.highest == 6)
  }

  @Test func `a failed run and a target never met are outside`() throws {
    let loss =
      "  - {source: a, optimizer: sgd, learning_rate: 0.1, metric: test_loss, value: 0.345}"
    let failed = experiment(published: loss) { run in
      if run.seed == 3 { run.outcome = .exploded }
    }
    #expect(ExperimentAnalysis(of: failed).published.map(\.verdict) == [.outside])
    let steps =
      "  - {source: a, optimizer: sgd, learning_rate: 0.1, metric: steps_to_target, value: 55}"
    let never = experiment(published: steps) { run in
      if run.seed == 3 { run.targetStep = -1 }
    }
    let comparison = try #require(ExperimentAnalysis(of: never).published.first)
    #expect(comparison.verdict == .outside && comparison.highest == .infinity)
    // The interquartile mean stands one run of ten that never met the target.
    let range =
      "  - {source: a, optimizer: sgd, learning_rate: 0.1, metric: steps_to_target, range: [50, 60]}"
    let mostly = experiment(published: range) { run in
      if run.seed == 3 { run.targetStep = -1 }
    }
    #expect(ExperimentAnalysis(of: mostly).published.map(\.verdict) == [.within])
  }

  @Test func `a published rate is rounded to a tenth of a percent at most`() throws {
    func figure(_ rate: String) throws -> PublishedFigure {
      try PublishedFigure.read(
        Setting.parse(
          "{source: a, optimizer: sgd, learning_rate: \(rate), metric: test_loss, value: 1}",
          file: "a.yml"))
    }
    // 10^-1.8, published as 0.0158489 or 0.01585.
    #expect(try figure("0.0158489").isAt(0.015848931924611134))
    #expect(try figure("0.01585").isAt(0.015848931924611134))
    #expect(try !figure("0.0159").isAt(0.015848931924611134))
    #expect(try !figure("0.1005").isAt(0.1) && !figure("0.0995").isAt(0.1))
  }

  @Test func `what no run measured is missing`() throws {
    #expect(
      try compare("source: a, optimizer: adam, metric: test_loss, value: 1").verdict == .missing)
    let accuracy = try compare("source: a, optimizer: sgd, metric: test_accuracy, value: 1")
    #expect(accuracy.verdict == .missing && accuracy.runs == 0 && accuracy.mean == nil)
  }

  @Test func `a report prints them, with a file of their own`() throws {
    let record = experiment(
      published: """
          - {source: "Doe, 2020", optimizer: sgd, learning_rate: 0.1, metric: test_loss,
             value: 0.35, deviation: 0.02, note: twice the budget}
          - {source: Roe (2021), optimizer: sgd, metric: epochs_to_target, range: [7, 9]}
        """)
    let analysis = ExperimentAnalysis(of: record)
    let files = ReportFormat.all.flatMap { $0.render(Report(analysis)) }
    let text = try #require(files.first { $0.name == "report.md" }).contents
    #expect(text.contains("## Published figures"))
    #expect(text.contains("measured here: 1 within, 1 outside."))
    #expect(text.contains("0.35 ± 0.02 | 0.34500 |"))
    #expect(text.contains("Doe, 2020; twice the budget"))
    let csv = try #require(files.first { $0.name == "published.csv" }).contents
    #expect(csv.contains("bowl,sgd,sgd,none,0.1,test_loss,0.35,0.02,,,0,10,"))
    #expect(csv.contains("within,\"Doe, 2020\",twice the budget"))
    #expect(csv.contains("epochs_to_target,,,7,9,0,10,5.5,5,6,outside,Roe (2021),"))
  }

  @Test func `without published figures a report does not mention them`() throws {
    let record = experiment(published: "  []")
    let files = ReportFormat.all.flatMap {
      $0.render(Report(ExperimentAnalysis(of: record)))
    }
    #expect(!files.contains { $0.name == "published.csv" })
    #expect(!files.contains { $0.contents.contains("Published") })
  }

  @Test(arguments: [
    ("value: 1, range: [1, 2]", "'value' does not go with 'range'"),
    ("range: [2, 1]", "the least comes first"), ("range: [1]", "1 numbers given"),
    ("", "the key 'value' is missing"), ("value: 1, tolerance: -1", "-1 is out of range"),
    ("value: 1, metric: test_los", "did you mean 'test_loss'?"),
  ])
  func `a mistake is named`(given: String, expected: String) throws {
    let metric = given.contains("metric") ? "" : ", metric: test_loss"
    let setting = try Setting.parse("{source: a, optimizer: sgd\(metric), \(given)}", file: "a.yml")
    let error = #expect(throws: SettingsError.self) { try PublishedFigure.read(setting) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }
}
