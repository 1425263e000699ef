internal import Analysis
internal import Records

/// A method over several problems.
struct AcrossRow {
  let method: CrossProblemMethod
  /// The learning rates of most seeds, one for each problem.
  let learningRates: [Double]

  static func rows(_ analysis: ExperimentAnalysis) -> [AcrossRow] {
    (analysis.acrossProblems?.methods ?? []).map { method in
      AcrossRow(method: method, learningRates: analysis.chosenRates(of: method.method))
    }
  }
}

extension ExperimentAnalysis {
  /// The learning rate of most seeds on each problem that the methods are compared over.
  func chosenRates(of method: Method) -> [Double] {
    problems.filter { acrossProblems?.problems.contains($0.problem.name) == true }
      .compactMap { problem in
        problem.methods.first { $0.method == method }?.chosenRates.first?.rate
      }
  }
}

enum AcrossColumns {
  private typealias Quantity = Column<AcrossRow>

  static let all: [Column<AcrossRow>] =
    [
      .integer("place", "Place") { $0.method.place },
      .text("method", "Method") { $0.method.method.label },
      .text("optimizer") { $0.method.method.optimizer },
      .text("clipping") { $0.method.method.clipping },
      learningRates,
    ] + RankColumns.all.map { $0.of(\.method.rank) } + [
      .boolean("is_undominated") { $0.method.isUndominated }, places,
      .integer("runs_done") { $0.method.done },
      .integer("runs_failed") { $0.method.failed },
    ] + CrossProblemAnalysis.profileFactors.indices.map(profile) + [score]

  static func table(_ analysis: CrossProblemAnalysis) -> [Column<AcrossRow>] {
    var columns: [Column<AcrossRow>] = [
      .integer("place", "Place") { $0.method.place },
      starred,
      learningRates,
    ]
    columns += RankColumns.all.map { $0.of(\.method.rank) }
    columns += [Column("Failed") { "\($0.method.failed) of \($0.method.done)" }, places]
    if !analysis.problemsWithTarget.isEmpty { columns += [profile(2), score] }
    return columns
  }

  private static let starred = Quantity.text("method", "Method") { $0.method.method.label }
    .showing { "\($0.method.method.label)\($0.method.isUndominated ? " ★" : "")" }

  private static let learningRates = Quantity.text(
    "learning_rates_by_problem", "Learning rates",
    "The learning rate chosen for most seeds on each problem, in the order in which they are listed."
  ) { row in row.learningRates.map(NumberText.exact).joined(separator: " ") }.showing { row in
    Prose(row.learningRates.map(NumberText.rate).joined(separator: ", "))
  }.rightAligned

  private static let places = Quantity.text(
    "places_by_problem", "Places",
    "The method's place on each problem, in the order in which they are listed."
  ) { $0.method.placesByProblem.map { "\($0)" }.joined(separator: " ") }.showing {
    Prose($0.method.placesByProblem.map { "\($0)" }.joined(separator: ", "))
  }.rightAligned

  /// The share of problems solved within a factor of the fastest.
  private static func profile(_ index: Int) -> Column<AcrossRow> {
    let factor = CrossProblemAnalysis.profileFactors[index]
    return .number(
      "profile_within_\(NumberText.exact(factor))",
      factor == 2 ? "Within 2× of fastest" : "",
      "The share of the problems with a target that the method reaches with at most twice the gradient evaluations of the fastest method (performance profile at 2).",
      as: NumberText.percent
    ) { $0.method.profile?[index] }
  }

  private static let score = Quantity.number(
    "algoperf_score", "Score B",
    "AlgoPerf's score: the mean of that share over all factors from 1 to 4. 1 is fastest on every problem, 0 is never within 4×.",
    as: { NumberText.fixed($0, digits: 2) }
  ) { $0.method.score }
}
