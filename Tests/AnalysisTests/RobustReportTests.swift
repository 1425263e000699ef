import Analysis
import Foundation
import Records
import Reports
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The report of an experiment under the robust protocol.
@Suite struct RobustReportTests {
  private static let options = {
    var options = AnalysisOptions()
    options.resamples = 100
    return options
  }()

  private static func report(_ record: ExperimentRecord) -> Report {
    Report(ExperimentAnalysis(of: record, options: options), GoldenReportTests.context)
  }

  private static let report = report(RobustExperiment().record())

  private static func text(_ name: String, of report: Report) throws -> String {
    let files = ReportFormat.all.flatMap { $0.render(report) }
    return try #require(files.first { $0.name == name }, "\(name)").contents
  }

  /// The fields of a CSV table by column, row by row.
  private static func rows(_ name: String, of report: Report) throws -> [[String: String]] {
    let lines = try text(name, of: report).split(separator: "\r\n")
    let columns = lines[0].split(separator: ",").map(String.init)
    return lines.dropFirst().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return Dictionary(uniqueKeysWithValues: zip(columns, fields))
    }
  }

  @Test(arguments: [ReportFormat.markdown, .csv].map(\.name))
  func `a robust report is what it was`(format: String) throws {
    let format = try #require(ReportFormat.named(format))
    for file in format.render(Self.report) where !["runs.csv", "run_times.csv"].contains(file.name)
    {
      try expectGolden(
        file.contents, "robust/\(file.name)", tolerance: file.name.hasSuffix(".csv") ? 1e-9 : 0)
    }
  }

  @Test func `nothing speaks of the grid`() throws {
    let page = try Self.text("report.md", of: Self.report)
    for gone in [
      "ombined rank", "table decades", "ever failed", "grid", "Stability and convergence together",
      "Prose(", " nan ",
    ] { #expect(!page.contains(gone), "\(gone)") }
    let files = ReportFormat.csv.render(Self.report).map(\.name)
    #expect(!files.contains("ranking.csv") && !files.contains("learning_rates.csv"))
    let plain = ReportFormat.csv.render(GoldenReportTests.report)
    #expect(!plain.contains { $0.name == "robust.csv" })
    #expect(plain.first { $0.name == "runs.csv" }?.contents.contains("purpose") == false)
    let header = try Self.text("runs.csv", of: Self.report).split(separator: "\r\n")[0]
    #expect(header.contains(",purpose,multiple"))
  }

  /// Ranks, verdicts and p-values compare methods; all else is a method's own.
  @Test func `methods added or removed leave the values of the others`() throws {
    let shapes = RobustExperiment.shapes
    let twin = RobustExperiment.Shape(optimizer: "twin", bottom: 0.31)
    let more = Self.report(RobustExperiment(shapes: [twin] + shapes).record())
    let fewer = Self.report(
      RobustExperiment(shapes: shapes.filter { $0.optimizer != "sgd" }).record())
    let joint: Set<String> = ["rank_lower", "rank_upper", "p_value", "verdict", "seeds_needed"]
    for name in ["robust.csv", "ladder.csv", "tuning.csv"] {
      let all = try Self.rows(name, of: Self.report).map { $0.filter { !joint.contains($0.key) } }
      let added = try Self.rows(name, of: more).map { $0.filter { !joint.contains($0.key) } }
      let removed = try Self.rows(name, of: fewer).map { $0.filter { !joint.contains($0.key) } }
      #expect(added.filter { $0["optimizer"] != "twin" } == all, "\(name)")
      #expect(added.count > all.count && removed.count < all.count)
      #expect(all.filter { $0["optimizer"] != "sgd" } == removed, "\(name)")
    }
  }

  /// At a hundredth and a hundred times the tuned rate, with losses that would win and lose everything.
  @Test func `rates outside the ladder change no table`() throws {
    var record = RobustExperiment().record()
    for entry in record.header.plan {
      guard case .evaluation(let multiple) = entry.purpose, multiple == 1,
        let run = record.runs.first(where: { $0.key == entry.key })
      else { continue }
      for (outside, loss) in [(0.01, 1e-6), (100, 1e6)] {
        var other = run
        other.key = RunKey(problem: run.key.problem, run: "\(run.key.run) × \(outside)")
        other.baseLearningRate = run.baseLearningRate * outside
        for metric in EvaluationMetric.allCases {
          other.evaluations[metric] = other.evaluations[metric].map { $0.isNaN ? $0 : loss }
        }
        record.runs.append(other)
        record.header.plan.append(
          PlanEntry(
            key: other.key, optimizer: entry.optimizer, clipping: entry.clipping,
            setting: entry.setting, trial: entry.trial + 20, seed: entry.seed,
            isDefault: false, identity: other.key.run, purpose: .evaluation(multiple: outside)))
      }
    }
    #expect(record.runs.count > RobustExperiment().record().runs.count + 90)
    let wider = Self.report(record)
    for name in ["robust.csv", "ladder.csv", "tuning.csv", "targets.csv", "audit.csv"] {
      #expect(try Self.text(name, of: wider) == Self.text(name, of: Self.report), "\(name)")
    }
  }

  @Test func `the order of the plan changes no table`() throws {
    let permuted = Self.report(
      RobustExperiment(shapes: RobustExperiment.shapes.reversed()).record())
    for name in ["robust.csv", "ladder.csv", "tuning.csv"] {
      #expect(
        try Self.text(name, of: permuted) == Self.text(name, of: Self.report), "\(name)")
    }
    func leading(_ report: Report) throws -> [Substring] {
      try Self.text("report.md", of: report).split(separator: "\n").filter {
        $0.hasPrefix("|")
          && ($0.contains("baseline") || $0.contains("equivalent") || $0.contains("["))
      }
    }
    #expect(Set(try leading(permuted)) == Set(try leading(Self.report)))
  }

  /// A search cut off after its first round, a ladder with a hole, and runs that could not be computed.
  @Test(arguments: ["search", "ladder", "void"])
  func `what is not finished is named`(lack: String) throws {
    var record = RobustExperiment().record(isOver: { lack != "search" || $0.optimizer == "adamw" })
    let hole = record.runs.firstIndex {
      $0.optimizer == "sgd" && $0.clipping != "none" && $0.seed == 3
    }
    switch lack {
    case "ladder": record.runs.remove(at: try #require(hole))
    case "void": record.runs[try #require(hole)].outcome = .objectiveFailed
    default: break
    }
    let report = Self.report(record)
    let page = try Self.text("report.md", of: report)
    #expect(page.contains("**Unfinished:** runs of `sgd"), "\(page)")
    let rows = try Self.rows("robust.csv", of: report).filter { $0["problem"] == "valley" }
    let open = rows.filter { $0["status"] == "unfinished" }.compactMap { $0["method"] }
    #expect(
      Set(open)
        == (lack == "search"
          ? ["sgd", "sgd + global-norm(1)", "frozen"] : ["sgd + global-norm(1)"]))
    #expect(rows.count == RobustExperiment.shapes.count)
    #expect(
      rows.allSatisfy { ($0["robust_progress"] ?? "").isEmpty == ($0["status"] == "unfinished") })
  }

  @Test func `a method that does not train has no progress and comes last`() throws {
    let rows = try Self.rows("robust.csv", of: Self.report).filter { $0["problem"] == "valley" }
    let last = try #require(rows.last)
    #expect(last["method"] == "frozen" && last["status"] == "does_not_train")
    #expect(last["robust_progress"] == "0" && last["overshoot_regret"] == "1")
    #expect(last["tuned_learning_rate"]?.isEmpty == true && last["rates_tried"] == "12")
  }

  @Test func `a declared baseline is said to be declared`() throws {
    var experiment = RobustExperiment()
    experiment.spec += "baseline: sgd\n"
    let declared = try Self.text("report.md", of: Self.report(experiment.record()))
    #expect(declared.contains("**Compared with** `sgd`, declared as the baseline"))
    let page = try Self.text("report.md", of: Self.report)
    #expect(
      page.contains(
        "**Compared with** `adamw`, the baseline where the experiment file declares none"))
  }

  @Test func `its pictures are well-formed and hold what failed`() throws {
    let pictures = ReportFormat.markdown.render(Self.report).filter { $0.name.hasSuffix(".svg") }
    #expect(pictures.count == 16 && Set(pictures.map(\.name)).count == 16)
    for picture in pictures {
      #expect(XMLParser(data: Data(picture.contents.utf8)).parse(), "\(picture.name)")
      #expect(!picture.contents.contains("\"nan") && !picture.contents.contains(" inf"))
    }
    let bars = try #require(
      pictures.first { $0.name.hasSuffix("valley-useful-useless-failed.svg") })
    #expect(bars.contents.contains("<title>sgd at 10× the tuned rate: 6 failed</title>"))
    #expect(
      bars.contents.contains("<title>sgd + global-norm(1) at 10× the tuned rate: 6 useless</title>")
    )
  }
}
