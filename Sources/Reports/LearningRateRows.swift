internal import Analysis
internal import Records

/// One method at one setting of its grid.
struct LearningRateRow {
  let problem: String
  let method: Method
  let cell: GridCell
  let chosenBySeeds: Int
  let metrics: ProblemMetrics

  static func rows(_ analysis: ProblemAnalysis) -> [LearningRateRow] {
    analysis.methods.flatMap { method in
      method.learningRates.cells.map { cell in
        LearningRateRow(
          problem: analysis.problem.name, method: method.method, cell: cell,
          chosenBySeeds: method.choices.count { $0.trial == cell.trial },
          metrics: analysis.metrics)
      }
    }
  }
}

enum LearningRateColumns {
  static let all: [CSVColumn<LearningRateRow>] =
    [
      CSVColumn("problem") { .text($0.problem) },
      CSVColumn("method") { .text($0.method.label) },
      CSVColumn("optimizer") { .text($0.method.optimizer) },
      CSVColumn("clipping") { .text($0.method.clipping) },
      CSVColumn("trial") { .integer($0.cell.trial) },
      CSVColumn("learning_rate") { .number($0.cell.learningRate) },
      CSVColumn("is_default") { .boolean($0.cell.isDefault) },
      CSVColumn("chosen_by_seeds") { .integer($0.chosenBySeeds) },
    ] + tallyColumns { $0.cell.runs } + [
      CSVColumn("selection_metric") { .text($0.metrics.selection.rawValue) },
      CSVColumn("final_selection_loss") { .number($0.cell.selectionLoss) },
      CSVColumn("ranking_metric") { .text($0.metrics.score.rawValue) },
      CSVColumn("final_ranking_loss") { .number($0.cell.score) },
    ]
}

/// The methods that share one grid, with one column per setting.
struct StabilityMap {
  let rates: [Double]
  let methods: [MethodAnalysis]

  /// The maps of a problem, one per distinct grid, in the order of the methods.
  static func maps(of analysis: ProblemAnalysis) -> [StabilityMap] {
    var grids: [[Double]] = []
    for method in analysis.methods where !grids.contains(method.grid) { grids.append(method.grid) }
    return grids.map { grid in
      StabilityMap(rates: grid, methods: analysis.methods.filter { $0.grid == grid })
    }
  }

  var columns: [MarkdownColumn<MethodAnalysis>] {
    [MarkdownColumn("Method", isNumber: false) { $0.method.label }]
      + rates.indices.map { index in
        MarkdownColumn(NumberText.rate(rates[index])) { method in
          let cell = method.learningRates.cells[index]
          let text = Self.text(cell)
          let chosen = method.choices.count { $0.trial == cell.trial }
          let others = method.learningRates.cells.map { other in
            method.choices.count { $0.trial == other.trial }
          }
          return chosen > 0 && chosen == others.max() ? "**\(text)**" : text
        }
      }
  }

  private static func text(_ cell: GridCell) -> String {
    guard cell.runs.done > 0 else { return "?" }
    let loss = cell.score.flatMap { $0.isFinite ? NumberText.significant($0) : nil }
    if cell.runs.failed == 0 { return loss ?? NumberText.none }
    let failed = "✗ \(cell.runs.failed)/\(cell.runs.done)"
    return loss.map { "\($0) \(failed)" } ?? failed
  }
}

extension MethodAnalysis {
  /// The learning rates of the grid, ascending.
  var grid: [Double] { learningRates.cells.map(\.learningRate) }
}

/// Failed runs that failed alike.
struct FailureRow {
  let problem: String
  let group: FailureGroup

  static func rows(_ analysis: ProblemAnalysis) -> [FailureRow] {
    analysis.failures.map { FailureRow(problem: analysis.problem.name, group: $0) }
  }
}

enum FailureColumns {
  static let all: [CSVColumn<FailureRow>] = [
    CSVColumn("problem") { .text($0.problem) },
    CSVColumn("outcome") { .text($0.group.outcome.rawValue) },
    CSVColumn("what") { .text($0.group.what) },
    CSVColumn("tensor") { .text($0.group.tensor) },
    CSVColumn("runs") { .integer($0.group.count) },
    CSVColumn("median_step") { .number($0.group.medianStep) },
    CSVColumn("smallest_learning_rate") { .number($0.group.smallestLearningRate) },
    CSVColumn("largest_learning_rate") { .number($0.group.largestLearningRate) },
    CSVColumn("methods") { .text($0.group.methods.map(\.label).joined(separator: "; ")) },
  ]

  static let table: [MarkdownColumn<FailureRow>] = [
    MarkdownColumn("The run …", isNumber: false) { $0.group.outcome.words },
    MarkdownColumn(
      "In",
      "What failed first: the loss, the update, the parameters, or the evaluation at the end.",
      isNumber: false
    ) { $0.group.what.isEmpty ? NumberText.none : $0.group.what },
    MarkdownColumn("First tensor", "The first tensor in which it was seen.", isNumber: false) {
      $0.group.tensor.isEmpty ? NumberText.none : "`\($0.group.tensor)`"
    },
    MarkdownColumn("Runs") { "\($0.group.count)" },
    MarkdownColumn("Median step", "The median step at which these runs failed.") {
      $0.group.medianStep.text { NumberText.fixed($0, digits: 0) }
    },
    MarkdownColumn("Learning rates") { row in
      let (low, high) = (row.group.smallestLearningRate, row.group.largestLearningRate)
      return low == high
        ? NumberText.rate(low) : "\(NumberText.rate(low)) … \(NumberText.rate(high))"
    },
    MarkdownColumn("Methods", isNumber: false) {
      MarkdownText.list($0.group.methods.map(\.label), limit: 4)
    },
  ]
}
