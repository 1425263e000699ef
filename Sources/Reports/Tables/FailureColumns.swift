internal import Analysis
internal import Records

/// Failed runs that failed alike.
struct FailureRow {
  let problem: String
  let group: FailureGroup

  static func rows(_ analysis: ProblemAnalysis) -> [FailureRow] {
    analysis.failures.map { FailureRow(problem: analysis.problem.name, group: $0) }
  }
}

enum FailureColumns {
  private typealias Quantity = Column<FailureRow>

  static let all: [Column<FailureRow>] = [
    .text("problem") { $0.problem }, outcome, what, tensor, runs, medianStep,
    .number("smallest_learning_rate") { $0.group.smallestLearningRate },
    .number("largest_learning_rate") { $0.group.largestLearningRate }, methods,
  ]

  static let table: [Column<FailureRow>] = [
    outcome, what, tensor, runs, medianStep,
    Column("Learning rates") { row in
      let (low, high) = (row.group.smallestLearningRate, row.group.largestLearningRate)
      return Prose(
        low == high ? NumberText.rate(low) : "\(NumberText.rate(low)) … \(NumberText.rate(high))")
    }, methods,
  ]

  private static let outcome = Quantity.text("outcome", "The run …") {
    $0.group.outcome.rawValue
  }.showing { Prose($0.group.outcome.words) }

  private static let what = Quantity.text(
    "what", "In",
    "What failed first: the loss, the update, the parameters, or the evaluation at the end."
  ) { $0.group.what }

  private static let tensor = Quantity.text(
    "tensor", "First tensor", "The first tensor in which it was seen."
  ) { $0.group.tensor }.showing {
    $0.group.tensor.isEmpty ? Prose(NumberText.none) : "\(code: $0.group.tensor)"
  }

  private static let runs = Quantity.integer("runs", "Runs") { $0.group.count }

  private static let medianStep = Quantity.number(
    "median_step", "Median step", "The median step at which these runs failed.",
    as: { NumberText.fixed($0, digits: 0) }
  ) { $0.group.medianStep }

  private static let methods = Quantity.text("methods", "Methods") {
    $0.group.methods.map(\.label).joined(separator: "; ")
  }.showing { $0.group.methods.map(\.label).listed(limit: 4) }
}
