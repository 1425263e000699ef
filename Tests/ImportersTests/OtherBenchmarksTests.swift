import Analysis
import Foundation
import Importers
import TestSupport
import Testing

/// docs/reading-other-benchmarks.md against the data that it is made of, and the rule of AlgoPerf's score in
/// two implementations.
@Suite struct OtherBenchmarksTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test(.enabled(if: hasPython)) func thePageIsWhatTheDataGive() throws {
    let check = try runCommand(
      ["python3", "scripts/other_benchmarks.py", "--check"], in: Self.root)
    #expect(check.status == 0, "\(check.errors)")
    let page = try String(
      contentsOf: Self.root.appendingPathComponent("docs/reading-other-benchmarks.md"),
      encoding: .utf8)
    #expect(page.contains("11 of 11 scores agree with the published ones"))
    #expect(page.contains("21 of 23 means agree to four digits"))
  }

  @Test(.enabled(if: hasPython)) func rankGivesTheScoresWithoutTheHeldOutWorkloads() throws {
    let table = try runCommand(
      ["python3", "scripts/other_benchmarks.py", "--table"], in: Self.root)
    let file = try TableFile(table.output, name: "algoperf.csv")
    let profile = try #require(TableAnalysis(try RankTable().read(file.path)).profile)
    // The column "4×, held-out ignored" of the page.
    let expected = [
      "shampoo_submission": 0.778, "schedule_free_adamw": 0.774, "generalized_adam": 0.694,
      "cyclic_lr": 0.665, "nadamp": 0.607, "baseline": 0.592, "caspr_adaptive": 0.555,
      "amos": 0.492, "lawa_queue": 0.370, "schedule_free_prodigy": 0.097,
    ]
    for (method, score) in expected {
      let own = try #require(profile.methods.first { $0.method == method })
      #expect(abs(own.sampledScore - score) < 0.0005, "\(method) \(own.sampledScore)")
    }
  }
}

private let hasPython =
  (try? runCommand(
    ["python3", "--version"], in: URL(fileURLWithPath: "/")))?.status == 0
