internal import Analysis
internal import Records

/// One row of a ranking.
struct RankingRow: MethodRow {
  let problem: String
  let scope: String
  let ranked: RankedMethod
  let ranking: Ranking
  let significance: Double
  /// nil where the methods are ranked at their default rates.
  let choices: [SeedChoice]?
  let chosenRates: [ChosenRate]?
  let defaultRate: Double?

  var method: Method { ranked.method }

  /// At the chosen learning rates, then at the default ones.
  static func rows(_ analysis: ProblemAnalysis) -> [RankingRow] {
    chosen(analysis) + rows(analysis.outOfTheBoxRanking, "default", analysis)
  }

  static func chosen(_ analysis: ProblemAnalysis) -> [RankingRow] {
    rows(analysis.ranking, "chosen", analysis)
  }

  private static func rows(
    _ ranking: Ranking, _ scope: String, _ analysis: ProblemAnalysis
  ) -> [RankingRow] {
    ranking.methods.map { ranked in
      let method = analysis.methods.first { $0.method == ranked.method }
      return RankingRow(
        problem: analysis.problem.name, scope: scope, ranked: ranked, ranking: ranking,
        significance: analysis.options.significance,
        choices: scope == "chosen" ? method?.choices : nil,
        chosenRates: scope == "chosen" ? method?.chosenRates : nil,
        defaultRate: scope == "default" ? method?.outOfTheBox?.learningRate : nil)
    }
  }
}

/// Ranks, in the table of a problem and in that over all problems.
enum RankColumns {
  typealias Quantity = Column<CombinedRank>

  static let combined = Quantity.estimate(
    "combined_rank", "Combined rank",
    "The mean of convergence rank and stability rank, with its bootstrap interval over seeds. Equals share ranks, so even the first method can lie well above 1.",
    as: { $0.text(QuantityText.rank) }
  ) { $0.combined }

  static let convergence = Quantity.estimate(
    "convergence_rank", "Convergence rank",
    "The method's rank by final loss among all methods, averaged over seeds. Failed runs share the last ranks.",
    as: { $0.text(QuantityText.rank) }
  ) { $0.convergence }

  static let stability = Quantity.estimate(
    "stability_rank", "Stability rank",
    "The method's rank by the share of its learning rates that failed, averaged over seeds. Equals share ranks: if five methods never fail, each has rank 3.",
    as: { $0.text { NumberText.fixed($0.value, digits: 1) } }
  ) { $0.stability }

  static let all = [combined, convergence, stability]
}

enum RankingColumns {
  private typealias Quantity = Column<RankingRow>

  static let all: [Column<RankingRow>] =
    RankingRow.identity + [
      place, learningRate,
      .integer("seeds_at_grid_edge") { $0.chosenRates?.seedsAtEdge },
      .integer("seeds") { $0.ranking.seeds.count },
    ]
    + RankColumns.all.map { $0.of(\.ranked.rank) } + [
      .boolean("is_undominated") { $0.ranked.isUndominated }, improvement,
      .text("groups") { $0.ranked.groups },
      .boolean("is_best_by_convergence") { $0.ranking.best == $0.method }, behind, difference,
    ]

  /// The table of a problem, at the chosen learning rates.
  static func combined(_ ranking: Ranking) -> [Column<RankingRow>] {
    var columns =
      [place, starred, learningRate] + RankColumns.all.map { $0.of(\.ranked.rank) } + [
        improvement, behind, difference,
      ]
    if ranking.canSeparatePairs {
      columns.append(
        .text(
          "groups", "Group",
          "Methods that share a letter cannot be told apart by final loss (Wilcoxon signed-rank test over seeds, Holm correction for all pairs)."
        ) { $0.ranked.groups })
    }
    return columns
  }

  private static let place = Quantity.integer(
    "place", "Place", "By combined rank; equals share a place."
  ) { $0.ranked.place }

  private static let starred = RankingRow.methodColumn.showing {
    "\($0.method.label)\($0.ranked.isUndominated ? " ★" : "")"
  }

  /// As in the convergence tables.
  private static let learningRate = Quantity.text("learning_rates", "Learning rate") { row in
    row.choices?.map { NumberText.exact($0.learningRate) }.joined(separator: " ")
      ?? row.defaultRate.map(NumberText.exact)
  }.showing { row in
    Prose(row.chosenRates?.text ?? row.defaultRate.text(NumberText.rate))
  }.rightAligned

  private static let improvement = Quantity.number(
    "probability_of_improvement", "Beats others",
    "How likely a run of this method has a lower final loss than a run of another, averaged over the others; 50% is even.",
    as: { NumberText.fixed(100 * $0, digits: 0) + "%" }
  ) { $0.ranked.probabilityOfImprovement }

  private static let behind = Quantity.integer(
    "seeds_behind_best", "Behind the best",
    "Seeds on which the method with the best convergence rank has a lower final loss."
  ) { $0.ranked.seedsBehindBest }.showing { row in
    Prose(
      row.ranked.seedsBehindBest.text { behind in
        row.ranking.best == row.method ? NumberText.none : "\(behind) of \(row.ranking.seeds.count)"
      })
  }

  private static let difference = Quantity.number(
    "p_value_against_best", "Difference from the best",
    "Whether the final loss differs from that method's more than chance explains (Wilcoxon signed-rank test over seeds, Holm correction for these comparisons)."
  ) { $0.ranked.pValueAgainstBest }.showing { row in
    if row.ranking.best == row.method { return "best loss" }
    return Prose(
      row.ranked.pValueAgainstBest.text { value in
        (value <= row.significance ? "yes, " : "cannot tell, ") + QuantityText.pValue(value)
      })
  }.leftAligned
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
  static let all: [Column<PairwiseRow>] = [
    .text("problem") { $0.problem },
    .text("scope") { $0.scope },
    .text("first") { $0.pair.first.label },
    .text("second") { $0.pair.second.label },
    .integer("seeds_won_by_first") { $0.pair.wins },
    .integer("seeds_tied") { $0.pair.ties },
    .integer("seeds_won_by_second") { $0.pair.losses },
    .number("probability_of_improvement") { $0.pair.probabilityOfImprovement },
    .number("p_value") { $0.pair.pValue },
    .number("p_value_holm") { $0.pair.adjustedPValue },
  ]
}
