import Analysis
import Records
import Reports
import Testing
import TestSupport

@Suite struct GoldenReportTests {
  /// Two problems, two optimizers with and without clipping, three rates, eight seeds: runs that
  /// explode, become NaN, end worse than they began, and two runs that are missing.
  static let record: ExperimentRecord = {
    let problems = [
      Synthetic.problem("valley", target: (.validationAccuracy, 0.8)),
      Synthetic.problem("ridge"),
    ]
    var runs: [RunRecord] = []
    for problem in problems {
      for (number, optimizer) in ["sgd", "adam"].enumerated() {
        for clipping in ["none", "global-norm(1)"] {
          for (trial, rate) in [0.01, 0.1, 1].enumerated() {
            for seed in 0..<8 {
              if problem.name == "ridge", optimizer == "adam", clipping != "none", trial == 2,
                seed >= 6
              {
                continue
              }
              runs.append(
                run(problem, optimizer, number, clipping, trial: trial, rate: rate, seed: seed))
            }
          }
        }
      }
    }
    return Synthetic.experiment(problems, runs, planned: 2 * 2 * 2 * 3 * 8)
  }()

  private static func run(
    _ problem: ProblemRecord, _ optimizer: String, _ number: Int, _ clipping: String, trial: Int,
    rate: Double, seed: Int
  ) -> RunRecord {
    let isClipped = clipping != "none"
    let luck = Double((seed * 7 + trial * 3) % 8) / 100
    let final = [0.4, 0.2, 0.3][trial] - 0.05 * Double(number) + luck
    let splits: [EvaluationMetric] =
      problem.name == "valley" ? [.trainLoss, .validationLoss, .testLoss] : [.trainLoss]
    let isNonfinite = !isClipped && number == 0 && trial == 2
    let isExploded = !isClipped && number == 1 && trial == 2 && seed < 3
    let isWorse = isClipped && number == 0 && trial == 2 && seed == 5
    let outcome: Outcome =
      isNonfinite ? .nonfinite : isExploded ? .exploded : isWorse ? .worseThanStart : .completed
    let fails = isNonfinite || isExploded
    let norms = (0..<100).map { Float(1 + Double(($0 * 37 + seed) % 50) / 25) }
    var record = Synthetic.run(
      optimizer, on: problem.name, clipping: clipping, trial: trial, rate: rate,
      isDefault: trial == (number == 0 ? 1 : 0), seed: seed,
      losses: [1, isWorse ? 3 : (1 + final) / 2, isWorse ? 2.5 : final],
      accuracy: problem.name == "valley" ? 1 - final / 2 : nil, splits: splits, outcome: outcome,
      failureStep: fails ? 12 + seed : -1,
      failure: isNonfinite ? "update dense1.weight" : isExploded ? "loss" : "",
      targetStep: problem.hasTarget && !fails && !isWorse && final < 0.4 ? 50 : -1,
      gradientNorms: norms, fired: isClipped ? Set(0..<(20 + 10 * trial)) : [])
    record.spikes = fails ? 3 : trial
    record.spikesRecovered = fails ? 1 : trial
    record.firstAlarmStep = fails ? 9 : -1
    record.worstStep = 0
    record.wallSeconds = 0.25
    record.peakMemoryBytes = 1_000_000
    return record
  }

  static let analysis = ExperimentAnalysis(of: record)

  static var context: ReportContext {
    var context = ReportContext()
    context.contentDigest = "content-digest"
    context.resultFile = "results/synthetic.h5"
    return context
  }

  static let report = Report(analysis, context)

  // JSON has the numbers of the CSV files and HTML the tables of the document, which tests of their own
  // compare.
  @Test(arguments: ReportFormat.all.map(\.name).filter { !["json", "html"].contains($0) })
  func `a report is what it was`(format: String) throws {
    let format = try #require(ReportFormat.named(format))
    for file in format.render(Self.report) {
      try expectGolden(
        file.contents, "synthetic/\(file.name)",
        tolerance: file.name.hasSuffix(".csv") ? 1e-9 : 0)
    }
  }

  @Test func `the overview is what it was`() throws {
    try expectGolden(OverviewReport.render([Self.analysis]).contents, "README.md")
  }

  @Test func `the same records give the same bytes`() {
    let again = ExperimentAnalysis(of: Self.record)
    for format in ReportFormat.all {
      #expect(format.render(Report(again, Self.context)) == format.render(Self.report))
    }
  }
}
