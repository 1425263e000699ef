internal import Analysis
internal import Records

/// One method at one setting of its grid.
struct LearningRateRow {
  let problem: String
  let method: Method
  let cell: GridCell
  let edge: GridEdge?
  let chosenBySeeds: Int
  let metrics: ProblemMetrics

  static func rows(_ analysis: ProblemAnalysis) -> [LearningRateRow] {
    analysis.methods.flatMap { method in
      method.learningRates.cells.map { cell in
        LearningRateRow(
          problem: analysis.problem.name, method: method.method, cell: cell,
          edge: method.learningRates.edge(at: cell.learningRate),
          chosenBySeeds: method.choices.count { $0.trial == cell.trial },
          metrics: analysis.metrics)
      }
    }
  }
}

enum LearningRateColumns {
  static let all: [Column<LearningRateRow>] =
    [
      .text("problem") { $0.problem },
      .text("method") { $0.method.label },
      .text("optimizer") { $0.method.optimizer },
      .text("clipping") { $0.method.clipping },
      .integer("trial") { $0.cell.trial },
      .number("learning_rate") { $0.cell.learningRate },
      .boolean("is_default") { $0.cell.isDefault },
      .text("grid_edge") { $0.edge?.rawValue },
      .integer("chosen_by_seeds") { $0.chosenBySeeds },
    ] + TallyColumns.all.map { $0.of(\.cell.runs) } + [
      .text("selection_metric") { $0.metrics.selection.rawValue },
      .number("final_selection_loss") { $0.cell.selectionLoss },
      .text("ranking_metric") { $0.metrics.score.rawValue },
      .number("final_ranking_loss") { $0.cell.score },
    ]
}

/// The methods that share one grid, with one column per setting.
struct StabilityMap {
  let settings: [String]
  let methods: [MethodAnalysis]

  /// The maps of a problem, one per distinct grid, in the order of the methods.
  static func maps(of analysis: ProblemAnalysis) -> [StabilityMap] {
    var grids: [[String]] = []
    for method in analysis.methods where !grids.contains(method.settings) {
      grids.append(method.settings)
    }
    return grids.map { grid in
      StabilityMap(settings: grid, methods: analysis.methods.filter { $0.settings == grid })
    }
  }

  /// The rate chosen most often stands out.
  var columns: [Column<MethodAnalysis>] {
    [.text("method", "Method") { $0.method.label }]
      + settings.indices.map { index in
        Column(settings[index]) { method in
          let cell = method.learningRates.cells[index]
          let text = Self.text(cell)
          let chosen = method.choices.count { $0.trial == cell.trial }
          let others = method.learningRates.cells.map { other in
            method.choices.count { $0.trial == other.trial }
          }
          guard chosen > 0, chosen == others.max() else { return Prose(text) }
          let edge = method.learningRates.edge(at: cell.learningRate)
          return "\(strong: text)\(edge?.arrow ?? "")"
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

  /// The settings of the grid: each learning rate with what is crossed with it.
  var settings: [String] {
    learningRates.cells.map { cell in
      let rate = NumberText.rate(cell.learningRate)
      return cell.further.isEmpty ? rate : "\(rate) \(cell.further)"
    }
  }
}
