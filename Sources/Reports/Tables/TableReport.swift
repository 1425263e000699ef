internal import Analysis

/// The page and the tables of a ranking of results.
struct TableReport {
  private let analysis: TableAnalysis

  init(_ analysis: TableAnalysis) { self.analysis = analysis }

  /// The table itself, row by row.
  private static let rows: [Column<ResultTable.Row>] = [
    .text("problem") { $0.problem }, .text("method") { $0.method }, .text("seed") { $0.seed },
    .number("value") { $0.value }, .boolean("is_failed") { $0.value == nil },
    .number("steps_to_target") { $0.steps }, .number("learning_rate") { $0.learningRate },
  ]

  /// Every table, for programs.
  var tables: [Table] {
    var tables = [
      Table("runs", Self.rows, analysis.table.rows), cells, failures, ranks, pairs, tests,
    ]
    if analysis.across != nil { tables += [acrossRanks, acrossPairs] }
    if analysis.profile != nil { tables.append(profile) }
    if !analysis.rates.isEmpty { tables += [rates, rateValues] }
    return tables
  }

  var blocks: [Block] {
    var blocks: [Block] = [.paragraph(introduction)]
    let notes = self.notes
    if !notes.isEmpty { blocks.append(.list(notes)) }
    blocks += [
      .heading(2, "Runs and failures"),
      .paragraph(
        "Failure rates have their exact 95% interval (Clopper–Pearson). The middle is the interquartile mean, with a 95% bootstrap interval over seeds; where failed runs decide it, it says so."
      ),
      .table(cells), .paragraph("\(strong: "Over all problems:")"), .table(failures),
    ]
    if analysis.methods.count > 1 {
      blocks += [.heading(2, "Ranks, paired by seed")]
      blocks += [
        .paragraph(
          "On each problem over the seeds that all its methods have: the mean of the ranks of every seed, Friedman's test with correction for ties, and Wilcoxon's signed-rank test of all pairs, exact with ties, adjusted by Holm for all pairs of the problem."
        ),
        .table(ranks), .table(tests), .table(pairs),
      ]
    }
    if let across = analysis.across { blocks += acrossBlocks(across) }
    if let profile = analysis.profile { blocks += profileBlocks(profile) }
    if !analysis.rates.isEmpty {
      blocks += [
        .heading(2, "Sensitivity to the learning rate"),
        .paragraph(
          "Each seed is judged above at the rate that is best over the other seeds. Stable decades: the part of the rates at which no run failed. Sensitivity: by how much the middle is worse than the best one, averaged over the logarithm of the rate."
        ),
        .table(rates), .table(rateValues),
      ]
    }
    return blocks
  }

  private var introduction: Prose {
    let table = analysis.table
    let better = table.isHigherBetter ? "higher" : "lower"
    return
      "\(NumberText.count(table.rows.count, "run")) of \(NumberText.count(analysis.methods.count, "method")) on \(NumberText.count(analysis.problems.count, "problem")) by \(code: table.valueName), of which \(better) is better. A failed run (NaN, infinite, or said to have failed) is worse than all others and ties with other failed ones."
  }

  private var notes: [Prose] {
    var notes: [Prose] = analysis.table.notes.map { Prose($0) }
    for lack in analysis.missing {
      notes.append(
        "\(code: lack.method) has no run on \(code: lack.problem) with \(lack.seeds.count == 1 ? "the seed" : "the seeds") \(lack.seeds.joined(separator: ", ")): missing, not failed, and left out of what is paired."
      )
    }
    for paired in analysis.paired where paired.methods.count < analysis.methods.count {
      let absent = analysis.methods.filter { !paired.methods.contains($0) }
      notes.append("No run on \(code: paired.problem) of \(absent.listed()).")
    }
    for paired in analysis.paired where paired.seeds.isEmpty {
      notes.append(
        "No seed of \(code: paired.problem) has runs of all its methods: nothing can be paired there."
      )
    }
    if analysis.methods.count == 1 {
      notes.append("There is one method: nothing to rank or to test.")
    }
    return notes
  }

  private func acrossBlocks(_ across: TableAcross) -> [Block] {
    let left: Prose =
      across.leftOut.isEmpty
      ? "" : " Without runs on all problems, and left out: \(across.leftOut.listed())."
    let rough =
      across.isRough
      ? " With fewer than ten problems the approximations behind these tests are poor." : ""
    let place = { (test: (statistic: Double, pValue: Double)) in
      "χ² = \(NumberText.significant(test.statistic)), \(QuantityText.pValue(test.pValue))"
    }
    return [
      .heading(2, "Over all problems"), .table(acrossRanks),
      .paragraph(
        "Friedman's test over \(across.problems) problems: \(place(across.friedmanOnSeeds)) on the mean ranks of seeds, \(place(across.friedmanOnMiddle)) on the interquartile means. Nemenyi's critical difference at the level of 0.05 is \(NumberText.fixed(across.criticalDifference, digits: 3)): mean ranks further apart differ.\(rough)\(left)"
      ), .table(acrossPairs),
    ]
  }

  private func profileBlocks(_ profile: TableProfile) -> [Block] {
    var blocks: [Block] = [
      .heading(2, "Steps to the target"),
      .paragraph(
        "The share of problems on which a method reaches the target, by the median over its runs, within a factor of the fastest method. B is the mean of that share over all factors from 1 to 4, exact, with a 95% interval by resampling problems, and as AlgoPerf's code samples it at 100 factors."
      ), .table(self.profile),
    ]
    if !profile.unreached.isEmpty {
      blocks.append(
        .paragraph(
          "Nobody reached the target of \(profile.unreached.listed()): \(profile.unreached.count == 1 ? "it counts" : "they count") against everybody."
        ))
    }
    return blocks
  }
}

extension TableReport {
  private var cells: Table {
    Table(
      "methods",
      [
        .text("problem", "Problem") { $0.problem }, .text("method", "Method") { $0.method },
        .integer("runs", "Runs") { $0.runs }, .integer("failed", "Failed") { $0.failed },
        .estimate("failure_rate", "Failure rate", as: QuantityText.share) { $0.failureRate },
        .integer("judged", "Judged") { $0.judged },
        .estimate("interquartile_mean", "Middle", as: QuantityText.loss) { $0.middle },
        .number("median", "Median", as: Self.number) { $0.median },
      ] as [Column<TableAnalysis.Cell>], analysis.cells)
  }

  private static func number(_ value: Double) -> String {
    value.isFinite ? NumberText.significant(value) : "failed"
  }

  private var failures: Table {
    Table(
      "failures",
      [
        .text("method", "Method") { $0.method }, .integer("runs", "Runs") { $0.runs },
        .integer("failed", "Failed") { $0.failed },
        .estimate("failure_rate", "Failure rate", as: QuantityText.share) { $0.rate },
      ] as [Column<TableAnalysis.Failures>], analysis.failures)
  }

  private struct Ranked: Sendable {
    let problem: String
    let method: String
    let rank: Double
    let seeds: Int
  }

  private var ranks: Table {
    let rows = analysis.paired.flatMap { problem in
      zip(problem.methods, problem.meanRanks).map {
        Ranked(problem: problem.problem, method: $0, rank: $1, seeds: problem.seeds.count)
      }
    }
    return Table(
      "ranks",
      [
        .text("problem", "Problem") { $0.problem }, .text("method", "Method") { $0.method },
        .number("mean_rank", "Mean rank", as: Self.rank) { $0.rank },
        .integer("seeds", "Common seeds") { $0.seeds },
      ] as [Column<Ranked>], rows)
  }

  /// A page of Markdown is for people.
  private static let pageRows = 60

  private static func rank(_ value: Double) -> String { NumberText.fixed(value, digits: 2) }

  private var tests: Table {
    Table(
      "friedman",
      [
        .text("problem", "Problem") { $0.problem },
        .integer("methods", "Methods") { $0.methods.count },
        .integer("seeds", "Common seeds") { $0.seeds.count },
        .number("statistic", "Friedman's χ²", as: { NumberText.significant($0) }) {
          $0.friedmanStatistic
        },
        .number("p_value", "p", as: { NumberText.significant($0) }) { $0.friedmanPValue },
      ] as [Column<PairedProblem>], analysis.paired)
  }

  private struct PairRow: Sendable {
    let problem: String
    let pair: PairedProblem.Pair
    var nemenyi: Double?
  }

  private static let pairColumns: [Column<PairRow>] = [
    .text("method", "Method") { $0.pair.first }, .text("other", "Other") { $0.pair.second },
    .integer("differing", "Differ") { $0.pair.differing },
    .number("statistic", "W") { $0.pair.statistic },
    .number("p_value", "p", as: { NumberText.significant($0) }) { $0.pair.pValue },
    .number("p_holm", "p (Holm)", as: { NumberText.significant($0) }) { $0.pair.adjustedPValue },
    .number("improvement", "Beats the other", as: NumberText.percent) { $0.pair.improvement },
  ]

  private var pairs: Table {
    Table(
      "pairs", [.text("problem", "Problem") { $0.problem }] + Self.pairColumns,
      analysis.paired.flatMap { problem in
        problem.pairs.map { PairRow(problem: problem.problem, pair: $0) }
      }, limit: Self.pageRows)
  }

  private var acrossPairs: Table {
    Table(
      "pairs_across_problems",
      Self.pairColumns + [
        .number("p_nemenyi", "p (Nemenyi)", as: { NumberText.significant($0) }) { $0.nemenyi }
      ],
      (analysis.across?.pairs ?? []).map {
        PairRow(problem: "", pair: $0.pair, nemenyi: $0.nemenyiPValue)
      })
  }

  private struct AcrossRank: Sendable {
    let method: String
    let seeds: Double
    let middle: Double
  }

  private var acrossRanks: Table {
    let across = analysis.across
    let rows = (across?.methods ?? []).indices.compactMap { index in
      across.map {
        AcrossRank(
          method: $0.methods[index], seeds: $0.meanRankOfSeeds[index],
          middle: $0.meanRankOfMiddle[index])
      }
    }
    let test = across?.friedmanOnSeeds
    let middle = across?.friedmanOnMiddle
    let difference = across?.criticalDifference
    return Table(
      "across_problems",
      [
        .text("method", "Method") { $0.method },
        .number("mean_rank_of_seeds", "Mean rank of seeds", as: Self.rank) { $0.seeds },
        .number("mean_rank_of_middle", "Mean rank of middles", as: Self.rank) { $0.middle },
        .number("friedman_statistic_seeds") { _ in test?.statistic },
        .number("friedman_p_seeds") { _ in test?.pValue },
        .number("friedman_statistic_middle") { _ in middle?.statistic },
        .number("friedman_p_middle") { _ in middle?.pValue },
        .number("critical_difference") { _ in difference },
      ] as [Column<AcrossRank>],
      rows.enumerated().sorted { ($0.element.seeds, $0.offset) < ($1.element.seeds, $1.offset) }
        .map(\.element))
  }

  private var profile: Table {
    let shares: [Column<TableProfile.Method>] = TableProfile.factors.indices.map { index in
      let factor = NumberText.exact(TableProfile.factors[index])
      return .number("within_\(factor)", "Within \(factor)×", as: NumberText.percent) {
        $0.shares[index]
      }
    }
    let head: [Column<TableProfile.Method>] = [
      .text("method", "Method") { $0.method }, .integer("reached", "Reached") { $0.reached },
    ]
    return Table(
      "profile",
      head + shares + [
        .estimate("score", "B", as: QuantityText.fraction) { $0.score },
        .number("score_100_points", "B (100 factors)", as: { NumberText.fixed($0, digits: 4) }) {
          $0.sampledScore
        },
      ],
      (analysis.profile?.methods ?? []).enumerated()
        .sorted { ($1.element.score.value, $0.offset) < ($0.element.score.value, $1.offset) }
        .map(\.element))
  }

  private var rates: Table {
    Table(
      "sensitivity",
      [
        .text("problem", "Problem") { $0.problem }, .text("method", "Method") { $0.method },
        .integer("rates", "Rates") { $0.rates.count },
        .number("best_rate", "Best rate", as: NumberText.rate) { $0.best },
        .boolean("is_best_at_edge") { $0.isBestAtEdge },
        .number("decades", "Decades", as: QuantityText.decades) { $0.decades },
        .number("stable_decades", "Stable decades", as: QuantityText.decades) {
          $0.stableDecades
        },
        .number("sensitivity", "Sensitivity", as: { NumberText.significant($0) }) {
          $0.sensitivity
        },
      ] as [Column<MethodRates>], analysis.rates)
  }

  private struct RateRow: Sendable {
    let method: MethodRates
    let rate: MethodRates.Rate
  }

  private var rateValues: Table {
    Table(
      "learning_rates",
      [
        .text("problem", "Problem") { $0.method.problem },
        .text("method", "Method") { $0.method.method },
        .number("learning_rate", "Learning rate", as: NumberText.rate) { $0.rate.learningRate },
        .integer("runs", "Runs") { $0.rate.runs }, .integer("failed", "Failed") { $0.rate.failed },
        .estimate("interquartile_mean", "Middle", as: QuantityText.loss) { $0.rate.middle },
      ] as [Column<RateRow>],
      analysis.rates.flatMap { method in method.rates.map { RateRow(method: method, rate: $0) } })
  }
}
