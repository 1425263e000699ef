import Analysis
import Records
import Reports
import Settings
import Testing

/// Claims on results whose differences are known beforehand.
@Suite struct ClaimTests {
  private static let robust: ExperimentAnalysis = {
    var experiment = RobustExperiment()
    experiment.problems = [RobustExperiment.classes]
    experiment.evaluationSeeds = Array(0..<12)
    // Claims take no resampled interval.
    var options = AnalysisOptions()
    options.resamples = 2
    return ExperimentAnalysis(of: experiment.record(), options: options)
  }()

  private static func verdicts(
    _ claims: String, of analysis: ExperimentAnalysis = robust
  ) throws -> [ClaimVerdict] {
    ClaimVerdict.all(
      of: try Claim.all(in: "claim: \(claims)", file: "c.yml"), in: analysis)
  }

  /// By construction adamw ends about .1 below adamw + global-norm(1), .4 and .3, with a spread of .02.
  @Test(arguments: [
    ("test_loss, by: 0.05", ClaimVerdict.Outcome.holds), ("test_loss, by: 20%", .holds),
    ("test_loss, by: 0.2", .refuted), ("test_loss, by: 50%", .refuted),
    ("robust_progress", .holds), ("overshoot_regret, by: 0.9", .refuted),
  ])
  func `an advantage is held against its margin`(
    metric: String, outcome: ClaimVerdict.Outcome
  ) throws {
    let verdict = try #require(
      try Self.verdicts(
        "{better: adamw + global-norm (1), than: adamw, metric: \(metric), seeds: 12}"
      ).first)
    #expect(verdict.outcome == outcome, "\(verdict)")
    #expect(verdict.seeds == 12 && !verdict.isStatedBefore)
  }

  @Test func `what was measured is what the tables say`() throws {
    let robust = try #require(Self.robust.problems[0].robust)
    let methods = ["adamw + global-norm(1)", "sgd"].map { label in
      robust.methods.first { $0.method.label == label }
    }
    let (better, than) = (try #require(methods[0]), try #require(methods[1]))
    let verdict = try #require(
      try Self.verdicts(
        "{better: adamw + global-norm(1), than: sgd, metric: overshoot_regret}"
      ).first)
    #expect(abs(verdict.better - better.meanOvershootRegret) < 1e-12)
    #expect(abs(verdict.than - than.meanOvershootRegret) < 1e-12)
    let useful = try #require(
      try Self.verdicts("{better: adamw + global-norm(1), than: sgd, metric: useful_at_4x}").first)
    let rung = try #require(better.ladder?.rungs.first { $0.multiple == 4 })
    #expect(useful.better == Double(rung.useful) / Double(rung.runs))
  }

  @Test func `a method that does not train counts with the reference`() throws {
    let verdict = try #require(
      try Self.verdicts("{better: adamw, than: frozen, metric: test_loss, by: 1}").first)
    #expect(abs(verdict.than - 2.3) < 1e-12 && verdict.outcome == .holds)
    let progress = try #require(
      try Self.verdicts("{better: adamw, than: frozen, metric: robust_progress}").first)
    #expect(progress.than == 0 && progress.outcome == .holds)
  }

  @Test func `seeds beyond those stated are not looked at, and fewer settle nothing`() throws {
    var record = GateTests.result(target: false) { optimizer, _, seed in
      // From the tenth seed on all is the other way.
      let gap = seed < 10 ? 0.1 : -10
      return 0.25 + 0.001 * Double(seed * seed % 7) + (optimizer == "sgd" ? gap : 0)
    }
    func outcome(_ seeds: String) throws -> ClaimVerdict {
      try #require(
        try Self.verdicts(
          "{better: adam + global-norm(1), than: sgd + global-norm(1), metric: validation_loss\(seeds)}",
          of: ExperimentAnalysis(of: record)
        ).first)
    }
    #expect(try outcome(", seeds: 10").outcome == .holds)
    #expect(try outcome(", seeds: 20").outcome == .tooFewSeeds)
    record = GateTests.result(seeds: 0..<20, target: false) { optimizer, _, seed in
      let gap = seed < 10 ? 0.1 : -0.1
      return 0.25 + 0.001 * Double(seed * seed % 7) + (optimizer == "sgd" ? gap : 0)
    }
    let stated = try outcome(", seeds: 10")
    #expect(stated.outcome == .holds && stated.seeds == 10 && stated.seedsPresent == 20)
    guard case .undecided = try outcome("").outcome else {
      Issue.record("half of the seeds say the contrary")
      return
    }
  }

  @Test func `several claims are adjusted for each other`() throws {
    let one = "{better: adamw + global-norm(1), than: adamw, metric: test_loss, by: 0.05}"
    let alone = try Self.verdicts(one)[0]
    let three = try Self.verdicts("[\(one), \(one), \(one)]")
    #expect(three.allSatisfy { abs($0.pValue - 3 * alone.pValue) < 1e-12 })
  }

  @Test(arguments: [
    ("{better: adamw, than: lion, metric: test_loss}", "there is no method 'lion'"),
    ("{better: adamw, than: sgd, on: moons, metric: test_loss}", "there is no problem 'moons'"),
    ("{better: adamw, than: sgd, metric: test_accuracy}", "test_accuracy was not measured"),
  ])
  func `what the result cannot tell is no verdict`(claim: String, reason: String) throws {
    guard case .unanswerable(let found) = try Self.verdicts(claim)[0].outcome else {
      Issue.record("\(claim) has a verdict")
      return
    }
    #expect(found.contains(reason), "\(found)")
  }

  @Test func `a grid has no ladder to claim anything of`() throws {
    let verdict = try Self.verdicts(
      "{better: adam + global-norm(1), than: sgd + global-norm(1), metric: overshoot_regret}",
      of: ExperimentAnalysis(of: GateTests.result()))[0]
    #expect(
      verdict.outcome
        == .unanswerable("only results of the robust protocol have it ('protocol: robust')"))
  }

  @Test(arguments: [
    ("{better: a, than: a, metric: test_loss}", "better than itself"),
    ("{better: a, than: b, metric: tets_loss}", "test_loss"),
    ("{better: a, than: b, metric: test_loss, by: -1}", "≥ 0"),
    ("{better: a, than: b, metric: test_loss, by: -5%}", "no share"),
    ("{better: a, than: b, metric: useful_at_4x, by: 5%}", "difference of shares"),
    ("{better: a, than: b, metric: test_loss, level: 0.5}", "0.2"),
    ("{better: a, than: b, metric: test_loss, seeds: 1}", "2"),
    ("{better: a, than: b, metric: test_loss, digest: abc}", "12"),
    ("{better: a, metric: test_loss}", "'than' is missing"), ("[]", "at least one"),
  ])
  func `a mistake is refused with what is allowed`(claim: String, message: String) {
    let error = #expect(throws: SettingsError.self) {
      try Claim.all(in: "claim: \(claim)", file: "c.yml")
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(String(describing: error))")
  }

  @Test func `the report shows the experiment file's claims`() throws {
    var record = GateTests.result { optimizer, _, seed in
      (optimizer == "sgd" ? 0.5 : 0.3) + 0.001 * Double(seed * seed % 7)
    }
    #expect(!MarkdownText.of(record).contains("## Claims"))
    record.header.spec +=
      "claim: {better: adam + global-norm(1), than: sgd + global-norm(1), metric: validation_loss}\n"
    let claim = try #require(Claim.all(in: record.header.spec).first)
    record.header.statedClaims = [claim.statement]
    let text = MarkdownText.of(record)
    #expect(text.contains("## Claims") && text.contains("**holds** (stated before the results)"))
  }
}

private enum MarkdownText {
  static func of(_ record: ExperimentRecord) -> String {
    let report = Report(ExperimentAnalysis(of: record))
    let files = ReportFormat.markdown.render(report)
    return files.map(\.contents).joined(separator: "\n")
  }
}
