import Analysis
import Foundation
import Importers
import Reports
import TestSupport
import Testing

/// `optbench rank` against answers of SciPy, scikit-posthocs and NumPy.
@Suite struct RankTests {
  static let folder = ImporterTruthTests.samples + "/rank"

  private func analysis(_ name: String) throws -> (TableAnalysis, [String: Any]) {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name).json"))
    let truth = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    var reader = RankTable()
    reader.isHigherBetter = truth["better"] as? String == "higher"
    return (TableAnalysis(try reader.read("\(Self.folder)/\(name).csv")), truth)
  }

  private func close(_ a: Double?, _ b: Any?, _ tolerance: Double = 1e-9) -> Bool {
    let expected = (b as? NSNumber)?.doubleValue ?? (b as? String).flatMap { Double($0) }
    guard let a, let expected else {
      return a.map { !$0.isFinite } ?? true == (b as? String == "failed" || b == nil)
    }
    return a == expected || abs(a - expected) <= tolerance * max(1, abs(expected))
  }

  @Test(arguments: [
    "failures", "higher-is-better", "missing-seeds", "one-method", "semicolon", "twenty-problems",
  ])
  func allNumbersAreTheOracles(name: String) throws {
    let (analysis, truth) = try analysis(name)
    #expect(analysis.problems == truth["problems"] as? [String])
    #expect(analysis.methods == truth["methods"] as? [String])
    for expected in try #require(truth["runs"] as? [[String: Any]]) {
      let cell = try cell(expected, in: analysis)
      #expect(cell.runs == expected["present"] as? Int && cell.failed == expected["failed"] as? Int)
      #expect(close(cell.failureRate?.value, expected["failure_rate"]))
      let bounds = try #require(expected["clopper_pearson_95"] as? [Double])
      #expect(
        close(cell.failureRate?.lower, bounds[0]) && close(cell.failureRate?.upper, bounds[1]))
    }
    for expected in try #require(truth["failures_by_method"] as? [[String: Any]]) {
      let own = try #require(analysis.failures.first { $0.method == expected["method"] as? String })
      #expect(own.runs == expected["present"] as? Int && own.failed == expected["failed"] as? Int)
      #expect(close(own.rate?.upper, (expected["clopper_pearson_95"] as? [Double])?[1]))
    }
    for expected in try #require(truth["iqm"] as? [[String: Any]]) {
      let cell = try cell(expected, in: analysis)
      #expect(close(cell.middle?.value, expected["iqm"]) && close(cell.median, expected["median"]))
      let bounds = try #require(expected["bootstrap_95"] as? [String: Any])
      let tolerance = (bounds["tolerance"] as? NSNumber)?.doubleValue ?? 0.2
      for (value, key) in [(cell.middle?.lower, "low"), (cell.middle?.upper, "high")] {
        guard let bound = bounds[key] as? NSNumber else {
          #expect(value.map { "\($0)" } == bounds[key] as? String, "\(name) \(expected)")
          continue
        }
        #expect(abs((value ?? .nan) - bound.doubleValue) <= tolerance + 1e-9, "\(name) \(expected)")
      }
    }
    try checkPairs(analysis, truth, name)
    try checkAcross(analysis, truth, name)
    try checkProfile(analysis, truth)
  }

  private func cell(
    _ expected: [String: Any], in analysis: TableAnalysis
  ) throws -> TableAnalysis.Cell {
    try #require(
      analysis.cells.first {
        $0.problem == expected["problem"] as? String && $0.method == expected["method"] as? String
      })
  }

  private func checkPairs(
    _ analysis: TableAnalysis, _ truth: [String: Any], _ name: String
  ) throws {
    for expected in truth["complete_blocks"] as? [[String: Any]] ?? [] {
      let own = try #require(analysis.paired.first { $0.problem == expected["problem"] as? String })
      #expect(own.seeds == (expected["seeds_of_all_methods"] as? [Int])?.map { "\($0)" })
      #expect(own.seedsLeftOut == (expected["seeds_left_out"] as? [Int])?.map { "\($0)" })
    }
    for expected in truth["within_problem"] as? [[String: Any]] ?? [] {
      let own = try #require(analysis.paired.first { $0.problem == expected["problem"] as? String })
      let ranks = try #require(expected["mean_rank"] as? [String: Double])
      for (method, rank) in zip(own.methods, own.meanRanks) { #expect(close(rank, ranks[method])) }
      let test = try #require(expected["friedman_over_seeds"] as? [String: Any])
      #expect(close(own.friedmanStatistic, test["statistic"]))
      #expect(close(own.friedmanPValue, test["p"]))
      for pair in expected["wilcoxon"] as? [[String: Any]] ?? [] {
        let found = try self.pair(pair, in: own.pairs)
        #expect(found.differing == pair["n"] as? Int && close(found.statistic, pair["statistic"]))
        #expect(close(found.pValue, pair["p"]), "\(name) \(pair)")
        #expect(close(found.adjustedPValue, pair["p_holm"]), "\(name) \(pair)")
      }
      for pair in expected["probability_of_improvement"] as? [[String: Any]] ?? [] {
        #expect(close(try self.pair(pair, in: own.pairs).improvement, pair["p"]))
      }
    }
  }

  private func pair(
    _ expected: [String: Any], in pairs: [PairedProblem.Pair]
  ) throws -> PairedProblem.Pair {
    try #require(
      pairs.first {
        $0.first == expected["a"] as? String && $0.second == expected["b"] as? String
      })
  }

  private func checkAcross(
    _ analysis: TableAnalysis, _ truth: [String: Any], _ name: String
  ) throws {
    guard let expected = truth["across_problems"] as? [String: Any] else {
      #expect(analysis.across == nil)
      return
    }
    let across = try #require(analysis.across)
    #expect(across.methods == expected["methods"] as? [String])
    let seeds = try #require(expected["mean_rank_of_seeds"] as? [String: Double])
    let middles = try #require(expected["mean_rank_of_iqm"] as? [String: Double])
    for (index, method) in across.methods.enumerated() {
      #expect(close(across.meanRankOfSeeds[index], seeds[method]))
      #expect(close(across.meanRankOfMiddle[index], middles[method]))
    }
    let tests = try #require(expected["friedman_over_problems"] as? [String: [String: Any]])
    #expect(close(across.friedmanOnSeeds.statistic, tests["on mean ranks of seeds"]?["statistic"]))
    #expect(close(across.friedmanOnSeeds.pValue, tests["on mean ranks of seeds"]?["p"]))
    #expect(close(across.friedmanOnMiddle.statistic, tests["on iqm"]?["statistic"]))
    #expect(close(across.criticalDifference, expected["nemenyi_cd_05"], 1e-7))
    for pair in expected["wilcoxon_over_problems_on_iqm"] as? [[String: Any]] ?? [] {
      let found = try self.pair(pair, in: across.pairs.map(\.pair))
      #expect(close(found.pValue, pair["p"]) && close(found.adjustedPValue, pair["p_holm"]))
    }
  }

  private func checkProfile(_ analysis: TableAnalysis, _ truth: [String: Any]) throws {
    guard let expected = truth["performance_profile_on_median_steps"] as? [[String: Any]] else {
      #expect(analysis.profile == nil)
      return
    }
    let profile = try #require(analysis.profile)
    for row in expected {
      let own = try #require(profile.methods.first { $0.method == row["method"] as? String })
      #expect(close(own.score.value, row["B_exact"]))
      #expect(close(own.sampledScore, row["B_100_points"]))
      let shares = try #require(row["profile"] as? [String: Double])
      #expect(own.shares == [shares["1"], shares["1.5"], shares["2"], shares["4"]])
    }
  }

  @Test(arguments: [
    (
      "method,seed,value\na,0,1\na,0,2\n",
      "t.csv:3: the run of 'a' on 'all' with the seed 0 is there already, in line 2"
    ),
    (
      "method,value\na,1\n", "no column of the seed among method, value; name it with --seed COLUMN"
    ),
    ("method,seed,value\na,0,fast\n", "t.csv:2: 'fast' is no value"),
    ("method,seed,value,outcome\na,0,1,maybe\n", "'maybe' is no outcome"),
    ("method,seed,value\na,0,-1e305\n", "is too large for means"),
    ("method,seed,x,y\na,0,1,2\n", "name it with --value COLUMN"),
    ("method,seed,value\n", "it has no rows of results"),
  ])
  func aTableThatCannotBeRankedIsRefusedInOneLine(text: String, message: String) throws {
    let file = try TableFile(text, name: "t.csv")
    #expect {
      try RankTable().read(file.path)
    } throws: { error in
      "\(error)".contains(message) && !"\(error)".contains("\n")
    }
  }

  @Test func theReportHasTheSameTablesInEveryFormat() throws {
    let report = Report(try analysis("twenty-problems").0, file: "t.csv")
    let files = ReportFormat.all.flatMap { $0.render(report) }
    let names = files.map(\.name)
    for name in [
      "report.md", "report.json", "report.html", "tables.tex", "profile.csv", "pairs.csv",
    ] {
      #expect(names.contains(name), "\(name)")
    }
    let page = try #require(files.first { $0.name == "report.md" }?.contents)
    #expect(page.contains("critical difference") && page.contains("0.9487"))
  }

  @Test func learningRatesAreChosenByOtherSeeds() throws {
    let rows = ["0.1", "1", "10"].flatMap { rate in
      (0..<4).map { seed in
        "p,sgd,\(seed),\(rate),\(rate == "10" ? "nan" : rate == "1" ? "0.5" : "0.9")\n"
          + "p,adam,\(seed),\(rate),0.7\n"
      }
    }
    let file = try TableFile("problem,method,seed,lr,loss\n" + rows.joined(), name: "t.csv")
    let analysis = TableAnalysis(try RankTable().read(file.path))
    let sgd = try #require(analysis.cells.first { $0.method == "sgd" })
    #expect(sgd.runs == 12 && sgd.failed == 4 && sgd.judged == 4 && sgd.middle?.value == 0.5)
    let rates = try #require(analysis.rates.first { $0.method == "sgd" })
    #expect(rates.best == 1 && !rates.isBestAtEdge && rates.decades == 2)
    #expect(rates.stableDecades == 1.5)
    #expect(abs((rates.sensitivity ?? 0) - 0.2) < 1e-12)
  }
}
