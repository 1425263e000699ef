internal import Analysis
internal import Records

/// One method on one problem under the robust protocol.
struct RobustRow: Sendable {
  /// What can be said of a method.
  enum Status: String, Sendable {
    case tuned
    case incomplete = "tuning_incomplete"
    case untrained = "does_not_train"
    case unfinished
  }

  let problem: String
  let method: Method
  let robust: RobustAnalysis
  let options: AnalysisOptions
  /// The position among `robust.methods`; nil for one whose runs are missing.
  let index: Int?

  /// The greatest robust progress first; last, those whose runs are missing.
  static func rows(_ analysis: ProblemAnalysis) -> [RobustRow] {
    guard let robust = analysis.robust else { return [] }
    func row(_ method: Method, _ index: Int?) -> RobustRow {
      RobustRow(
        problem: analysis.problem.name, method: method, robust: robust, options: analysis.options,
        index: index)
    }
    return robust.order.map { row(robust.methods[$0].method, $0) }
      + robust.unfinished.map { row($0, nil) }
  }

  var values: RobustMethod? { index.map { robust.methods[$0] } }
  var ladder: StressLadder? { values?.ladder }
  var isBaseline: Bool { index != nil && robust.comparison?.baseline == index }
  var effect: RobustComparison.Effect? { index.flatMap { robust.comparison?.effects[$0] } }
  var ranks: ClosedRange<Int>? { index.flatMap { robust.comparison?.ranks[$0] } }
  /// At four times the tuned rate.
  var atFour: StressLadder.Rung? { ladder?.rungs.first { $0.multiple == 4 } }

  var status: Status {
    guard let values else { return .unfinished }
    if values.tunedRate == nil { return .untrained }
    return values.isTuningComplete ? .tuned : .incomplete
  }

  /// What one run spends: the median over the runs at the tuned rate, of tuning without one.
  var gradientsPerRun: Int? {
    guard let values else { return nil }
    let runs = values.tunedRuns.isEmpty ? values.tuning.flatMap(\.runs) : values.tunedRuns
    let spent = runs.map(\.gradientEvaluations).sorted()
    return spent.isEmpty ? nil : Int(spent[spent.count / 2])
  }
}

/// What the robust protocol says of a method on a problem.
enum RobustColumns {
  private typealias Quantity = Column<RobustRow>

  static let all: [Column<RobustRow>] =
    identity + [
      .text("status") { $0.status.rawValue },
      .integer("rank_lower") { $0.ranks?.lowerBound },
      .integer("rank_upper") { $0.ranks?.upperBound },
      .number("tuned_learning_rate") { $0.values?.tunedRate },
      .estimate("tuned_loss") { $0.values?.tunedLoss },
      .number("tuned_progress") { $0.values?.tunedProgress },
      .boolean("is_baseline") { $0.isBaseline },
      .estimate("difference_from_baseline") { $0.effect?.estimate },
      .number("p_value") { $0.effect?.pValue }, .text("verdict") { $0.effect?.verdict.name },
      .integer("seeds_needed") { $0.effect?.verdict.seedsNeeded },
      overshoot, .number("undershoot_regret") { $0.values?.undershootRegret }, progress,
      .number("useful_up_to") { $0.ladder?.usefulMultiple(atLeast: StressLadder.usefulShare) },
      .number("headroom_decades") { $0.values?.headroom },
      .integer("seeds_useful_again") { $0.ladder?.islands },
      .integer("useful_at_4") { $0.atFour?.useful },
      .integer("useless_at_4") { $0.atFour?.useless },
      .integer("failed_at_4") { $0.atFour?.failed },
      gradients,
      .integer("gradients_tuning") { $0.values.map { gradients($0.tuningRuns) } },
      .integer("gradients_evaluation") {
        $0.values.map { gradients($0.evaluation.flatMap(\.runs)) }
      },
      .integer("rates_tried") { $0.values?.tuning.count },
      .integer("tuning_seeds") { $0.robust.tuningSeeds.count },
      .integer("evaluation_seeds") { $0.robust.evaluationSeeds.count },
      .number("reference_loss") { $0.robust.scale.referenceLoss },
      .number("lower_bound") { $0.robust.scale.lowerBound },
    ]

  static let identity: [Column<RobustRow>] = [
    .text("problem") { $0.problem }, method, .text("optimizer") { $0.method.optimizer },
    .text("clipping") { $0.method.clipping },
  ]

  static let method = Column<RobustRow>.text("method", "Method") { $0.method.label }

  /// The table that leads a problem's section.
  static func leading(_ problem: ProblemAnalysis) -> [Column<RobustRow>] {
    var columns = [
      ranks, method, loss(problem.metrics.score), rate, difference, verdict, overshoot,
    ]
    if problem.robust?.scale.lowerBound != nil { columns.append(progress) }
    columns += [atFour, gradients]
    return problem.robust?.tunedOptions.isEmpty == false ? columns + [setting] : columns
  }

  private static let ranks = Quantity(
    "Rank",
    "The ranks by robust progress that the seeds do not rule out, for all methods together with the stated confidence; by the tuned loss where the problem has no lower bound. Methods whose ranks overlap cannot be put in order.",
    isNumber: true
  ) { row in
    Prose(
      row.ranks.text { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" })
  }

  private static func loss(_ metric: EvaluationMetric) -> Column<RobustRow> {
    Column(
      "\(metric.words.capitalizedFirst) at the tuned rate",
      "The loss after the last step at the method's own tuned rate, over the evaluation seeds: the mean of the middle half, a failed run counting as the reference loss. For functions without data the mean is taken of the logarithm. The interval covers the draw of tuning seeds and of evaluation seeds."
    ) { row in
      row.status == .untrained
        ? "does not train" : Prose(QuantityText.loss(row.values?.tunedLoss))
    }
  }

  private static let rate = Quantity(
    "Tuned rate",
    "The learning rate c that the tuning seeds chose: the middle of the range of rates that are about as good as the best. *: tuning incomplete: the search ended at its cap before worse rates were found on both sides of that range, so a better rate may lie beyond."
  ) { row in
    Prose(
      (row.values?.tunedRate).text(NumberText.rate) + (row.status == .incomplete ? " *" : ""))
  }

  private static let setting = Quantity(
    "Setting", "The values that tuning chose for options beside the learning rate.",
    isNumber: false
  ) { row in Prose((row.values?.setting).text(\.text)) }

  private static let difference = Quantity(
    "Beside the baseline",
    "The difference from the baseline at the tuned rates, seed by seed, in percent of the progress that the baseline makes from the reference loss; negative is better. For functions without data, progress is that of the logarithm of the loss."
  ) { row in
    row.isBaseline ? "baseline" : Prose(QuantityText.difference(row.effect?.estimate))
  }

  private static let verdict = Quantity(
    "Verdict",
    "better, worse: beyond chance (sign flips over seeds, adjusted for all methods). equivalent: within 5% of the baseline's progress beyond doubt. undecided: neither; in brackets how many evaluation seeds would settle it, if mean and spread stayed.",
    isNumber: false
  ) { row in Prose((row.effect?.verdict).text(\.words)) }

  private static let overshoot = Quantity.estimate(
    "overshoot_regret", "S⁺",
    "Overshoot regret: the share of its own progress that a method loses, averaged over learning rates from the tuned one to ten times that. 0: none; 1: all.",
    as: QuantityText.fraction
  ) { $0.values?.overshootRegret }

  private static let progress = Quantity.estimate(
    "robust_progress", "RP",
    "Robust progress: the share of the possible progress, from the reference loss to the lower bound, that is made, averaged over the same learning rates. It is high for a method that comes far and keeps it when its rate is misjudged; 0 for one that never trains.",
    as: QuantityText.fraction
  ) { $0.values?.progress }

  private static let atFour = Quantity(
    "U/Z/X at 4×",
    "Runs at four times the tuned rate that are useful (they keep at least half of the method's own progress) / finite but useless / failed."
  ) { Prose($0.atFour.text(\.counts)) }

  private static let gradients = Quantity.integer(
    "gradients_per_run", "Gradients",
    "Gradient evaluations that one run spends: more than its steps for a method that asks for further gradients."
  ) { $0.gradientsPerRun }

  private static func gradients(_ runs: [RunSummary]) -> Int {
    runs.reduce(0) { $0 + Int($1.gradientEvaluations) }
  }
}

extension StressLadder {
  /// The share of useful runs up to whose last rung a method is called useful.
  static let usefulShare = 0.9
}

extension StressLadder.Rung {
  /// `8/2/0`: useful, useless, failed.
  var counts: String { "\(useful)/\(useless)/\(failed)" }
}

extension RobustComparison.Verdict {
  var name: String {
    switch self {
    case .better: "better"
    case .worse: "worse"
    case .equivalent: "equivalent"
    case .undecided: "undecided"
    }
  }

  var seedsNeeded: Int? {
    if case .undecided(let seeds) = self { seeds } else { nil }
  }

  /// `undecided (23 seeds)`.
  var words: String { name + (seedsNeeded.map { " (\($0) seeds)" } ?? "") }
}
