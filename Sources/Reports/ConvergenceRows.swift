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

  /// At the chosen learning rates, then at the default one.
  static func rows(_ analysis: ProblemAnalysis) -> [ConvergenceRow] {
    chosen(analysis) + outOfTheBox(analysis)
  }

  static func chosen(_ analysis: ProblemAnalysis) -> [ConvergenceRow] {
    analysis.methods.map { method in
      ConvergenceRow(
        problem: analysis.problem.name, scope: "chosen", method: method.method,
        convergence: method.convergence,
        ranked: analysis.ranking.methods.first { $0.method == method.method },
        defaultRate: nil, choices: method.choices)
    }
  }

  static func outOfTheBox(_ analysis: ProblemAnalysis) -> [ConvergenceRow] {
    analysis.methods.compactMap { method in
      method.outOfTheBox.map { box in
        ConvergenceRow(
          problem: analysis.problem.name, scope: "default", method: method.method,
          convergence: box.convergence,
          ranked: analysis.outOfTheBoxRanking.methods.first { $0.method == method.method },
          defaultRate: box.learningRate, choices: [])
      }
    }
  }

  /// The learning rates in use with the number of seeds that use them.
  var rates: String {
    if let defaultRate { return NumberText.rate(defaultRate) }
    var counts: [(rate: Double, seeds: Int)] = []
    for choice in choices {
      if let index = counts.firstIndex(where: { $0.rate == choice.learningRate }) {
        counts[index].seeds += 1
      } else {
        counts.append((choice.learningRate, 1))
      }
    }
    if counts.count == 1 { return NumberText.rate(counts[0].rate) }
    return counts.sorted { ($1.seeds, $0.rate) < ($0.seeds, $1.rate) }
      .map { "\(NumberText.rate($0.rate)) (\($0.seeds)×)" }.joined(separator: ", ")
  }
}

enum ConvergenceColumns {
  static let all: [CSVColumn<ConvergenceRow>] =
    ConvergenceRow.identity + [
      CSVColumn("learning_rates") { row in
        .text(
          row.defaultRate.map(NumberText.exact)
            ?? row.choices.map { NumberText.exact($0.learningRate) }.joined(separator: " "))
      }
    ] + tallyColumns { $0.convergence.runs }
    + EvaluationMetric.allCases.flatMap { metric in
      estimateColumns("final_\(metric.rawValue)") { $0.convergence.final(metric) }
    }
    + estimateColumns("best_loss") { $0.convergence.bestLoss }
    + estimateColumns("mean_log10_loss") { $0.convergence.areaUnderLogLoss }
    + [CSVColumn("runs_reached_target") { .integer($0.convergence.target?.reached) }]
    + estimateColumns("success_rate") { $0.convergence.target?.successRate } + [
      CSVColumn("median_evaluations_to_target") {
        .number($0.convergence.target?.medianEvaluations)
      },
      CSVColumn("ert") { .number($0.convergence.target?.expectedRunningTime) },
      CSVColumn("par10") { .number($0.convergence.target?.penalizedAverage) },
    ]

  static func quality(_ metrics: ProblemMetrics) -> [MarkdownColumn<ConvergenceRow>] {
    let metric = metrics.score
    var columns: [MarkdownColumn<ConvergenceRow>] = [
      MarkdownColumn("Method", isNumber: false) { $0.method.label },
      MarkdownColumn(
        "Learning rate",
        "The rate chosen for the seeds, most frequent first; (9×): chosen for nine of them."
      ) { $0.rates },
      MarkdownColumn("Failed seeds", "Seeds whose run at this rate failed, of the runs done.") {
        "\($0.convergence.runs.failed) of \($0.convergence.runs.done)"
      },
      MarkdownColumn(
        "Final \(metric.words)",
        "The loss after the last step: the mean of the middle half of the seeds (interquartile mean) with its bootstrap interval. The methods are ranked by this loss."
      ) { MarkdownText.loss($0.convergence.final(metric)) },
    ]
    if metrics.selection != metric {
      columns.append(
        MarkdownColumn(
          "Final \(metrics.selection.words)",
          "The same on the split that chooses learning rates."
        ) { MarkdownText.value($0.convergence.final(metrics.selection)) })
    }
    columns.append(
      MarkdownColumn(
        "Best \(metrics.selection.words)",
        "The smallest loss of any evaluation, also of runs that failed later."
      ) { MarkdownText.value($0.convergence.bestLoss) })
    for accuracy in metrics.available
    where accuracy == .testAccuracy || accuracy == .validationAccuracy {
      columns.append(
        MarkdownColumn(
          "\(accuracy.words.capitalizedFirst)",
          "The share of examples classified correctly after the last step; a failed run counts as 0%."
        ) {
          $0.convergence.final(accuracy).text { NumberText.fixed(100 * $0.value, digits: 1) + "%" }
        })
    }
    columns.append(
      MarkdownColumn(
        "Mean log₁₀ loss",
        "The logarithm of the \(metrics.selection.words) above its lower bound, averaged over training: lower means that the loss fell earlier."
      ) { MarkdownText.value($0.convergence.areaUnderLogLoss) })
    return columns
  }

  static let speed: [MarkdownColumn<ConvergenceRow>] = [
    MarkdownColumn("Method", isNumber: false) { $0.method.label },
    MarkdownColumn("Reached target", "Runs that met the problem's target, of the runs done.") {
      row in
      (row.convergence.target).text { "\($0.reached) of \(row.convergence.runs.done)" }
    },
    MarkdownColumn("Success rate", "The same as a share, with its interval (Clopper–Pearson).") {
      MarkdownText.share($0.convergence.target?.successRate)
    },
    MarkdownColumn(
      "Median to target",
      "Gradient evaluations until the target was met, the median over seeds; never: half or more did not meet it."
    ) { MarkdownText.evaluations($0.convergence.target?.medianEvaluations) },
    MarkdownColumn(
      "Expected to target",
      "Gradient evaluations of all runs over the number of runs that met the target (ERT): what repeating runs until one succeeds would cost."
    ) { MarkdownText.evaluations($0.convergence.target?.expectedRunningTime) },
    MarkdownColumn(
      "PAR-10",
      "Mean gradient evaluations to target, a run that missed it counting ten times the common budget of one gradient a planned step, whatever the method may spend."
    ) { MarkdownText.evaluations($0.convergence.target?.penalizedAverage) },
  ]

  /// What a method gives without any tuning.
  static func outOfTheBox(_ metrics: ProblemMetrics) -> [MarkdownColumn<ConvergenceRow>] {
    var columns: [MarkdownColumn<ConvergenceRow>] = [
      MarkdownColumn("Place", "By combined rank among the methods of this table.") {
        $0.ranked.text { "\($0.place)" }
      },
      MarkdownColumn("Method", isNumber: false) { $0.method.label },
      MarkdownColumn("Default rate", "The catalog's default learning rate of the optimizer.") {
        $0.rates
      },
      MarkdownColumn("Failed seeds") {
        "\($0.convergence.runs.failed) of \($0.convergence.runs.done)"
      },
      MarkdownColumn("Final \(metrics.score.words)") {
        MarkdownText.loss($0.convergence.final(metrics.score))
      },
    ]
    if metrics.available.contains(.testAccuracy) {
      columns.append(
        MarkdownColumn("Test accuracy") {
          $0.convergence.final(.testAccuracy).text {
            NumberText.fixed(100 * $0.value, digits: 1) + "%"
          }
        })
    }
    columns.append(
      MarkdownColumn("Expected to target") {
        MarkdownText.evaluations($0.convergence.target?.expectedRunningTime)
      })
    return columns
  }
}
