import Analysis
import Records
import Reports
import Testing

/// Experiments in which something is lacking: each must give a report that says so.
@Suite struct EdgeCaseReportTests {
  private func report(_ record: ExperimentRecord) throws -> String {
    let analysis = ExperimentAnalysis(of: record)
    let files = ReportFormat.all.flatMap { $0.render(Report(analysis)) }
    for file in files where file.name.hasSuffix(".csv") {
      let widths = Set(
        file.contents.split(separator: "\r\n").map {
          $0.split(separator: ",", omittingEmptySubsequences: false).count
        })
      #expect(widths.count == 1, "\(file.name) is not a rectangle")
    }
    #expect(!OverviewReport.render([analysis]).contents.isEmpty)
    let text = try #require(files.first { $0.name == "report.md" }).contents
    #expect(!text.contains("nan "), "a NaN slipped into the report")
    return text
  }

  private func runs(
    seeds: Int, splits: [EvaluationMetric] = [.trainLoss, .validationLoss, .testLoss],
    change: (inout RunRecord) -> Void = { _ in }
  ) -> [RunRecord] {
    ["sgd", "adam"].enumerated().flatMap { number, name in
      (0..<seeds).map { seed in
        var run = Synthetic.run(
          name, seed: seed, losses: [1, 0.5, 0.2 + 0.1 * Double(number)], splits: splits)
        change(&run)
        return run
      }
    }
  }

  @Test func `all runs failed`() throws {
    let failed = runs(seeds: 3) { run in
      run.outcome = .nonfinite
      run.failureStep = 0
      run.failureTensor = "loss"
      for metric in EvaluationMetric.allCases { run.evaluations[metric] = [.nan, .nan, .nan] }
    }
    let text = try report(Synthetic.experiment(failed))
    #expect(text.contains("6 failed (100%)"))
    #expect(text.contains("**Never failed:** no method"))
    #expect(text.contains("nothing can be compared"))
    #expect(!text.contains("**Fastest"))
  }

  @Test func `one seed`() throws {
    let text = try report(Synthetic.experiment(runs(seeds: 1)))
    #expect(text.contains("There is only one seed"))
    #expect(text.contains("too good to be"))
    #expect(!text.contains("[nan"))
  }

  @Test func `two seeds`() throws {
    let text = try report(Synthetic.experiment(runs(seeds: 2)))
    #expect(text.contains("Fewer than five seeds are few"))
    #expect(text.contains("2 seeds could not tell even two methods apart"))
  }

  @Test func `no run at all`() throws {
    let text = try report(Synthetic.experiment([], planned: 40))
    #expect(text.contains("No run is stored yet"))
    #expect(text.contains("40 planned runs of 40 are missing"))
  }

  @Test func `missing runs`() throws {
    let text = try report(Synthetic.experiment(Array(runs(seeds: 4).dropLast(3)), planned: 8))
    #expect(text.contains("**3 are missing**"))
    #expect(text.contains("Not ranked, because runs are missing: `adam`"))
  }

  @Test func `a function without accuracy, validation and target`() throws {
    let text = try report(Synthetic.experiment(runs(seeds: 5, splits: [.trainLoss])))
    #expect(text.contains("There is no validation split"))
    #expect(!text.contains("accuracy"))
    #expect(text.contains("no target"))
    #expect(text.contains("Final train loss"))
  }

  @Test func `runs that timed out or stalled do not count as failed`() throws {
    let ended = runs(seeds: 5) { run in
      if run.seed == 0 { run.outcome = .timedOut }
      if run.seed == 1 { run.outcome = .stalled }
    }
    let text = try report(Synthetic.experiment(ended))
    #expect(text.contains("2 runs ended at the time limit"))
    #expect(text.contains("2 runs ended early by a stop rule"))
    #expect(text.contains("none failed"))
  }

  @Test func `NaN in the evaluations of a run that went on`() throws {
    let holes = runs(seeds: 5) { run in
      if run.seed == 0 { run.evaluations[.validationLoss][1] = .nan }
      if run.seed == 1 { run.setFinal(.testLoss, .infinity) }
    }
    let text = try report(Synthetic.experiment(holes))
    #expect(text.contains("2 failed (20%)"))
    #expect(text.contains("ended without a finite loss"))
  }

  @Test func `names with commas, quotes and bars stay in their cells`() throws {
    let odd = runs(seeds: 2) { run in
      run.optimizer += " betas=0.9,0.99 \"x\" | y"
    }
    let analysis = ExperimentAnalysis(of: Synthetic.experiment(odd))
    let files = ReportFormat.all.flatMap { $0.render(Report(analysis)) }
    let csv = try #require(files.first { $0.name == "stability.csv" }).contents
    #expect(csv.contains("\"sgd betas=0.9,0.99 \"\"x\"\" | y\""))
    let text = try #require(files.first { $0.name == "report.md" }).contents
    #expect(text.contains("sgd betas=0.9,0.99 \"x\" \\| y"))
  }

  @Test func `long tables end with a pointer to the file that has the rest`() throws {
    let many = (0..<50).flatMap { number in
      (0..<2).map { Synthetic.run("m\(number)", seed: $0, losses: [1, 0.5, Double(number) / 100]) }
    }
    let text = try report(Synthetic.experiment(many))
    #expect(text.contains("10 more rows in [stability.csv](stability.csv)."))
    #expect(text.contains("2 seeds cannot prove any difference among 50 methods"))
    #expect(text.contains("49 of the 49 others lose on every seed"))
  }
}
