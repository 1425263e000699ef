internal import Analysis
internal import Records

/// One row of a ranking.
struct RankingRow: MethodRow {
  let problem: String
  let scope: String
  let ranked: RankedMethod
  let ranking: Ranking
  let significance: Double

  var method: Method { ranked.method }

  /// At the chosen learning rates, then at the default ones.
  static func rows(_ analysis: ProblemAnalysis) -> [RankingRow] {
    rows(analysis.ranking, "chosen", analysis)
      + rows(analysis.outOfTheBoxRanking, "default", analysis)
  }

  static func chosen(_ analysis: ProblemAnalysis) -> [RankingRow] {
    rows(analysis.ranking, "chosen", analysis)
  }

  private static func rows(
    _ ranking: Ranking, _ scope: String, _ analysis: ProblemAnalysis
  ) -> [RankingRow] {
    ranking.methods.map {
      RankingRow(
        problem: analysis.problem.name, scope: scope, ranked: $0, ranking: ranking,
        significance: analysis.options.significance)
    }
  }
}

enum RankingColumns {
  static let all: [CSVColumn<RankingRow>] =
    RankingRow.identity + [
      CSVColumn("place") { .integer($0.ranked.place) },
      CSVColumn("seeds") { .integer($0.ranking.seeds.count) },
    ]
    + rankColumns { $0.ranked.rank } + [
      CSVColumn("is_undominated") { .boolean($0.ranked.isUndominated) },
      CSVColumn("probability_of_improvement") { .number($0.ranked.probabilityOfImprovement) },
      CSVColumn("groups") { .text($0.ranked.groups) },
      CSVColumn("is_best_by_convergence") { .boolean($0.ranking.best == $0.method) },
      CSVColumn("seeds_behind_best") { .integer($0.ranked.seedsBehindBest) },
      CSVColumn("p_value_against_best") { .number($0.ranked.pValueAgainstBest) },
    ]

  static func rankColumns<Row>(_ rank: @escaping @Sendable (Row) -> CombinedRank) -> [CSVColumn<
    Row
  >] {
    estimateColumns("combined_rank") { rank($0).combined }
      + estimateColumns("convergence_rank") { rank($0).convergence }
      + estimateColumns("stability_rank") { rank($0).stability }
  }

  static func combined(_ ranking: Ranking) -> [MarkdownColumn<RankingRow>] {
    var columns: [MarkdownColumn<RankingRow>] = [
      MarkdownColumn("Place", "By combined rank; equals share a place.") { "\($0.ranked.place)" },
      MarkdownColumn("Method", isNumber: false) {
        $0.method.label + ($0.ranked.isUndominated ? " ★" : "")
      },
      MarkdownColumn(
        "Combined rank",
        "The mean of convergence rank and stability rank, with its bootstrap interval over seeds. Equals share ranks, so even the first method can lie well above 1."
      ) { MarkdownText.rank($0.ranked.rank.combined) },
      MarkdownColumn(
        "Convergence rank",
        "The method's rank by final loss among all methods, averaged over seeds. Failed runs share the last ranks."
      ) { MarkdownText.rank($0.ranked.rank.convergence) },
      MarkdownColumn(
        "Stability rank",
        "The method's rank by the share of its learning rates that failed, averaged over seeds. Equals share ranks: if five methods never fail, each has rank 3."
      ) { NumberText.fixed($0.ranked.rank.stability.value, digits: 1) },
      MarkdownColumn(
        "Beats others",
        "How likely a run of this method has a lower final loss than a run of another, averaged over the others; 50% is even."
      ) { $0.ranked.probabilityOfImprovement.text { NumberText.fixed(100 * $0, digits: 0) + "%" } },
      MarkdownColumn(
        "Behind the best",
        "Seeds on which the method with the best convergence rank has a lower final loss."
      ) { row in
        row.ranked.seedsBehindBest.text { behind in
          row.ranking.best == row.method
            ? NumberText.none : "\(behind) of \(row.ranking.seeds.count)"
        }
      },
      MarkdownColumn(
        "Difference from the best",
        "Whether the final loss differs from that method's more than chance explains (Wilcoxon signed-rank test over seeds, Holm correction for these comparisons).",
        isNumber: false
      ) { row in
        if row.ranking.best == row.method { return "best loss" }
        return row.ranked.pValueAgainstBest.text { value in
          (value <= row.significance ? "yes, " : "cannot tell, ") + MarkdownText.pValue(value)
        }
      },
    ]
    if ranking.canSeparatePairs {
      columns.append(
        MarkdownColumn(
          "Group",
          "Methods that share a letter cannot be told apart by final loss (Wilcoxon signed-rank test over seeds, Holm correction for all pairs).",
          isNumber: false
        ) { $0.ranked.groups })
    }
    return columns
  }
}

/// Two methods of a ranking.
struct PairwiseRow {
  let problem: String
  let scope: String
  let pair: PairComparison

  static func rows(_ analysis: ProblemAnalysis) -> [PairwiseRow] {
    [("chosen", analysis.ranking), ("default", analysis.outOfTheBoxRanking)].flatMap {
      scope, ranking in
      ranking.pairs.map {
        PairwiseRow(problem: analysis.problem.name, scope: scope, pair: $0)
      }
    }
  }
}

enum PairwiseColumns {
  static let all: [CSVColumn<PairwiseRow>] = [
    CSVColumn("problem") { .text($0.problem) },
    CSVColumn("scope") { .text($0.scope) },
    CSVColumn("first") { .text($0.pair.first.label) },
    CSVColumn("second") { .text($0.pair.second.label) },
    CSVColumn("seeds_won_by_first") { .integer($0.pair.wins) },
    CSVColumn("seeds_tied") { .integer($0.pair.ties) },
    CSVColumn("seeds_won_by_second") { .integer($0.pair.losses) },
    CSVColumn("probability_of_improvement") { .number($0.pair.probabilityOfImprovement) },
    CSVColumn("p_value") { .number($0.pair.pValue) },
    CSVColumn("p_value_holm") { .number($0.pair.adjustedPValue) },
  ]
}

enum AcrossColumns {
  static let all: [CSVColumn<CrossProblemMethod>] =
    [
      CSVColumn("place") { .integer($0.place) },
      CSVColumn("method") { .text($0.method.label) },
      CSVColumn("optimizer") { .text($0.method.optimizer) },
      CSVColumn("clipping") { .text($0.method.clipping) },
    ]
    + RankingColumns.rankColumns { $0.rank } + [
      CSVColumn("is_undominated") { .boolean($0.isUndominated) },
      CSVColumn("places_by_problem") {
        .text($0.placesByProblem.map { "\($0)" }.joined(separator: " "))
      },
      CSVColumn("runs_done") { .integer($0.done) },
      CSVColumn("runs_failed") { .integer($0.failed) },
    ]
    + CrossProblemAnalysis.profileFactors.enumerated().map { index, factor in
      CSVColumn("profile_within_\(NumberText.exact(factor))") { .number($0.profile?[index]) }
    } + [CSVColumn("algoperf_score") { .number($0.score) }]

  static func table(_ analysis: CrossProblemAnalysis) -> [MarkdownColumn<CrossProblemMethod>] {
    var columns: [MarkdownColumn<CrossProblemMethod>] = [
      MarkdownColumn("Place") { "\($0.place)" },
      MarkdownColumn("Method", isNumber: false) {
        $0.method.label + ($0.isUndominated ? " ★" : "")
      },
      MarkdownColumn("Combined rank") { MarkdownText.rank($0.rank.combined) },
      MarkdownColumn("Convergence rank") { MarkdownText.rank($0.rank.convergence) },
      MarkdownColumn("Stability rank") {
        NumberText.fixed($0.rank.stability.value, digits: 1)
      },
      MarkdownColumn("Failed") { "\($0.failed) of \($0.done)" },
      MarkdownColumn(
        "Places", "The method's place on each problem, in the order in which they are listed."
      ) { $0.placesByProblem.map { "\($0)" }.joined(separator: ", ") },
    ]
    if !analysis.problemsWithTarget.isEmpty {
      columns += [
        MarkdownColumn(
          "Within 2× of fastest",
          "The share of the problems with a target that the method reaches with at most twice the gradient evaluations of the fastest method (performance profile at 2)."
        ) { ($0.profile?[2]).text(NumberText.percent) },
        MarkdownColumn(
          "Score B",
          "AlgoPerf's score: the mean of that share over all factors from 1 to 4. 1 is fastest on every problem, 0 is never within 4×."
        ) { $0.score.text { NumberText.fixed($0, digits: 2) } },
      ]
    }
    return columns
  }
}
