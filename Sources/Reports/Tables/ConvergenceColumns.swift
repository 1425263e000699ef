internal import Analysis
internal import Records

/// One row of the convergence tables.
struct ConvergenceRow: MethodRow {
  let problem: String
  let scope: String
  let method: Method
  let convergence: ConvergenceAnalysis
  /// Place at these learning rates; nil if the method is not ranked.
  let ranked: RankedMethod?
  /// nil at the chosen learning rates.
  let defaultRate: Double?
  let choices: [SeedChoice]
  let chosenRates: [ChosenRate]

  /// At the chosen learning rates, then at the default one.
  static func rows(_ analysis: ProblemAnalysis) -> [ConvergenceRow] {
    chosen(analysis) + outOfTheBox(analysis)
  }

  static func chosen(_ analysis: ProblemAnalysis) -> [ConvergenceRow] {
    rows(analysis, scope: "chosen")
  }

  /// At the tuned rate.
  static func tuned(_ analysis: ProblemAnalysis) -> [ConvergenceRow] {
    rows(analysis, scope: "tuned")
  }

  private static func rows(_ analysis: ProblemAnalysis, scope: String) -> [ConvergenceRow] {
    analysis.methods.map { method in
      ConvergenceRow(
        problem: analysis.problem.name, scope: scope, method: method.method,
        convergence: method.convergence,
        ranked: analysis.ranking.methods.first { $0.method == method.method },
        defaultRate: nil, choices: method.choices, chosenRates: method.chosenRates)
    }
  }

  static func outOfTheBox(_ analysis: ProblemAnalysis) -> [ConvergenceRow] {
    analysis.methods.compactMap { method in
      method.outOfTheBox.map { box in
        ConvergenceRow(
          problem: analysis.problem.name, scope: "default", method: method.method,
          convergence: box.convergence,
          ranked: analysis.outOfTheBoxRanking.methods.first { $0.method == method.method },
          defaultRate: box.learningRate, choices: [], chosenRates: [])
      }
    }
  }
}

enum ConvergenceColumns {
  private typealias Quantity = Column<ConvergenceRow>

  static let all: [Column<ConvergenceRow>] =
    ConvergenceRow.identity + [learningRate, seedsAtEdge] + measured

  /// At the tuned rate, where there is no grid.
  static let tuned: [Column<ConvergenceRow>] = ConvergenceRow.identity + [learningRate] + measured

  private static let measured: [Column<ConvergenceRow>] =
    TallyColumns.all.map { $0.of(\.convergence.runs) }
    + EvaluationMetric.allCases.map(final) + [bestLoss(nil), areaUnderLogLoss(nil)]
    + [.integer("runs_reached_target") { $0.convergence.target?.reached }] + speedQuantities

  static func quality(_ metrics: ProblemMetrics) -> [Column<ConvergenceRow>] {
    let metric = metrics.score
    var columns = [
      ConvergenceRow.methodColumn, learningRate,
      TallyColumns.failedOfDone(
        "Failed seeds", "Seeds whose run at this rate failed, of the runs done."
      ).of(\.convergence.runs), score(metric),
    ]
    if metrics.selection != metric {
      columns.append(
        final(metrics.selection).titled(
          "Final \(metrics.selection.words)",
          "The same on the split that chooses learning rates."))
    }
    columns.append(bestLoss(metrics.selection))
    for accuracy in metrics.available
    where accuracy == .testAccuracy || accuracy == .validationAccuracy {
      columns.append(final(accuracy))
    }
    return columns + [areaUnderLogLoss(metrics.selection)]
  }

  /// The same at a tuned rate, which no seed chose for itself.
  static func atTunedRate(_ metrics: ProblemMetrics) -> [Column<ConvergenceRow>] {
    let new = [
      learningRate.titled("Learning rate", "The tuned rate.").rightAligned,
      TallyColumns.failedOfDone(
        "Failed seeds", "Seeds whose run at the tuned rate failed, of the runs done."
      ).of(\.convergence.runs),
      score(metrics.score).titled(
        "Final \(metrics.score.words)",
        "The loss after the last step: the mean of the middle half of the seeds (interquartile mean) with its bootstrap interval over evaluation seeds alone. Failed runs count as worse than any loss."
      ),
    ]
    return quality(metrics).map { column in new.first { $0.title == column.title } ?? column }
  }

  static let speed: [Column<ConvergenceRow>] =
    [
      ConvergenceRow.methodColumn,
      Column("Reached target", "Runs that met the problem's target, of the runs done.") { row in
        Prose((row.convergence.target).text { "\($0.reached) of \(row.convergence.runs.done)" })
      },
    ] + speedQuantities

  /// What a method gives without any tuning.
  static func outOfTheBox(_ metrics: ProblemMetrics) -> [Column<ConvergenceRow>] {
    var columns: [Column<ConvergenceRow>] = [
      Column("Place", "By combined rank among the methods of this table.") {
        Prose($0.ranked.text { "\($0.place)" })
      },
      ConvergenceRow.methodColumn,
      learningRate.titled(
        "Default rate", "The catalog's default learning rate of the optimizer."),
      TallyColumns.failedOfDone("Failed seeds").of(\.convergence.runs),
      score(metrics.score),
    ]
    if metrics.available.contains(.testAccuracy) { columns.append(final(.testAccuracy)) }
    return columns + [expectedEvaluations]
  }

  static let learningRate = Quantity.text(
    "learning_rates", "Learning rate",
    "The rate chosen for the seeds, most frequent first; (9×): chosen for nine of them. ↑ or ↓: the largest or the smallest rate of the grid, beyond which nothing was tried."
  ) { row in
    row.defaultRate.map(NumberText.exact)
      ?? row.choices.map { NumberText.exact($0.learningRate) }.joined(separator: " ")
  }.showing { row in
    Prose(row.defaultRate.map(NumberText.rate) ?? row.chosenRates.text)
  }.rightAligned

  private static let seedsAtEdge = Quantity.integer("seeds_at_grid_edge") { row in
    row.defaultRate == nil ? row.chosenRates.seedsAtEdge : nil
  }

  /// The last evaluation of a metric.
  private static func final(_ metric: EvaluationMetric) -> Column<ConvergenceRow> {
    .estimate(
      "final_\(metric.rawValue)", metric.isAccuracy ? metric.words.capitalizedFirst : "",
      metric.isAccuracy
        ? "The share of examples classified correctly after the last step; a failed run counts as 0%."
        : nil, as: metric.isAccuracy ? QuantityText.accuracy : QuantityText.value
    ) { $0.convergence.final(metric) }
  }

  /// The loss by which methods are ranked.
  private static func score(_ metric: EvaluationMetric) -> Column<ConvergenceRow> {
    final(metric).titled(
      "Final \(metric.words)",
      "The loss after the last step: the mean of the middle half of the seeds (interquartile mean) with its bootstrap interval. The methods are ranked by this loss."
    ).showing { Prose(QuantityText.loss($0.convergence.final(metric))) }
  }

  /// - Parameter metric: The problem's selection loss; nil for programs.
  private static func bestLoss(_ metric: EvaluationMetric?) -> Column<ConvergenceRow> {
    .estimate(
      "best_loss", metric.map { "Best \($0.words)" } ?? "",
      "The smallest loss of any evaluation, also of runs that failed later."
    ) { $0.convergence.bestLoss }
  }

  private static func areaUnderLogLoss(_ metric: EvaluationMetric?) -> Column<ConvergenceRow> {
    .estimate(
      "mean_log10_loss", metric == nil ? "" : "Mean log₁₀ loss",
      metric.map {
        "The logarithm of the \($0.words) above its lower bound, averaged over training: lower means that the loss fell earlier."
      }
    ) { $0.convergence.areaUnderLogLoss }
  }

  private static let expectedEvaluations = Quantity.number(
    "ert", "Expected to target",
    "Gradient evaluations of all runs over the number of runs that met the target (ERT): what repeating runs until one succeeds would cost.",
    as: { QuantityText.evaluations($0) }
  ) { $0.convergence.target?.expectedRunningTime }

  private static let speedQuantities: [Column<ConvergenceRow>] = [
    .estimate(
      "success_rate", "Success rate", "The same as a share, with its interval (Clopper–Pearson).",
      as: QuantityText.share
    ) { $0.convergence.target?.successRate },
    .number(
      "median_evaluations_to_target", "Median to target",
      "Gradient evaluations until the target was met, the median over seeds; never: half or more did not meet it.",
      as: { QuantityText.evaluations($0) }
    ) { $0.convergence.target?.medianEvaluations },
    expectedEvaluations,
    .number(
      "par10", "PAR-10",
      "Mean gradient evaluations to target, a run that missed it counting ten times the common budget of one gradient a planned step, whatever the method may spend.",
      as: { QuantityText.evaluations($0) }
    ) { $0.convergence.target?.penalizedAverage },
  ]
}

extension [ChosenRate] {
  /// `0.01 (9×), 1 ↑ (1×)`, the most frequent first; a rate at the grid's edge with an arrow that
  /// points to where nothing was tried.
  var text: String {
    if count == 1 { return self[0].text }
    return map { "\($0.text) (\($0.seeds)×)" }.joined(separator: ", ")
  }

  var seedsAtEdge: Int { reduce(0) { $0 + ($1.edge == nil ? 0 : $1.seeds) } }
}

extension ChosenRate {
  fileprivate var text: String { NumberText.rate(rate) + (edge?.arrow ?? "") }
}

extension GridEdge {
  /// Where the grid does not go on.
  var arrow: String {
    switch self {
    case .lowest: " ↓"
    case .highest: " ↑"
    }
  }
}
