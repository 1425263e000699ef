internal import Analysis
internal import Records

/// The pictures of one problem.
struct ProblemFigures {
  private let problem: ProblemAnalysis
  private let order: SeriesOrder
  private let prefix: String

  init(_ problem: ProblemAnalysis, _ order: SeriesOrder) {
    self.problem = problem
    self.order = order
    prefix = Self.prefix(problem)
  }

  /// What the names of a problem's pictures begin with.
  static func prefix(_ problem: ProblemAnalysis) -> String { prefix(problem.problem.name) }

  static func prefix(_ problem: String) -> String {
    String(
      problem.map { character in
        let isPlain = character.isASCII && (character.isLetter || character.isNumber)
        return isPlain || "-_.".contains(character) ? character : "-"
      })
  }

  private var score: String { "final \(problem.metrics.score.words)" }

  /// How many panels stand side by side.
  static func columns(_ panels: Int) -> Int {
    switch panels {
    case 1: 1
    case 2, 4: 2
    case 3, 5, 6, 9: 3
    default: panels <= 12 ? 4 : 6
    }
  }

  /// The final loss at each learning rate; nil where nothing varies.
  var lossByRate: Figure? {
    let panels = order.panels(problem)
    let cells = panels.flatMap(\.methods).flatMap(\.learningRates.cells)
    let values = cells.flatMap { [$0.lowestScore, $0.highestScore] }.compactMap { $0 }
    guard Set(cells.map(\.learningRate)).count > 1,
      let x = Figure.Axis(cells.map(\.learningRate), isLogarithmic: true, margin: 0.05),
      let y = Figure.Axis(values)
    else { return nil }
    return Figure(
      name: "\(prefix)-loss-by-rate",
      title: "\(problem.problem.name): \(score) against learning rate",
      caption:
        "The \(score) at each learning rate: the interquartile mean of the seeds that did not fail, within the band from the lowest to the highest of them. ✗ above the plot: seeds failed at this rate, the larger the more; the rows follow the legend. Ring: the rate chosen for most seeds.",
      keys: order.keys + [
        .init(label: "seeds failed", sign: .failure), .init(label: "chosen rate", sign: .chosen),
      ],
      panels: panels.map { title, methods in
        let curves = methods.map(curve)
        return .init(
          title: title,
          content: .plot(.init(x: x, y: y, curves: curves, levels: [])))
      }, columns: Self.columns(panels.count), xTitle: "learning rate", yTitle: score)
  }

  private func curve(_ method: MethodAnalysis) -> Figure.Curve {
    let cells = method.learningRates.cells
    var curve = Figure.Curve(
      series: order.series(method.method), name: method.method.label,
      points: cells.compactMap { cell in
        guard let middle = cell.middleScore, let low = cell.lowestScore,
          let high = cell.highestScore
        else { return nil }
        return .init(x: cell.learningRate, y: middle, lowest: low, highest: high)
      })
    curve.failures = cells.filter { $0.runs.failed > 0 }.map { cell in
      (cell.learningRate, Double(cell.runs.failed) / Double(cell.runs.done))
    }
    curve.chosen = method.chosenRates.first?.rate
    return curve
  }

  /// The loss over training at the chosen rates; nil without evaluations on the way.
  var lossCurves: Figure? {
    let panels = order.panels(problem)
    let points = panels.flatMap(\.methods).flatMap(\.curve.points)
    guard Set(points.map(\.step)).count > 2,
      let x = Figure.Axis(points.map { Double($0.step) }, isLogarithmic: false, margin: 0.02),
      let y = Figure.Axis(points.flatMap { [$0.lowest, $0.highest] })
    else { return nil }
    let target = problem.problem
    let levels =
      target.hasTarget && target.targetMetric == problem.metrics.curve.rawValue
      ? [target.targetValue] : []
    let metric = problem.metrics.curve.words
    return Figure(
      name: "\(prefix)-loss-curves", title: "\(target.name): \(metric) during training",
      caption:
        "The \(metric) after each number of steps, at the \(problem.robust == nil ? "chosen" : "tuned") learning rates: the median of the seeds still training, within the band from the lowest to the highest. ✗: here a run failed, at its last finite loss.\(levels.isEmpty ? "" : " Dotted: the target.")",
      keys: order.keys
        + (panels.flatMap(\.methods).contains { !$0.curve.ends.isEmpty }
          ? [.init(label: "a run failed", sign: .failure)] : []),
      panels: panels.map { title, methods in
        .init(
          title: title,
          content: .plot(
            .init(
              x: x, y: y,
              curves: methods.map { method in
                var curve = Figure.Curve(
                  series: order.series(method.method), name: method.method.label,
                  points: method.curve.points.map {
                    .init(
                      x: Double($0.step), y: $0.median, lowest: $0.lowest, highest: $0.highest)
                  })
                curve.ends = method.curve.ends.map { (Double($0.step), $0.value ?? .infinity) }
                curve.hasMarkers = false
                return curve
              }, levels: levels)))
      }, columns: Self.columns(panels.count), xTitle: "steps", yTitle: metric)
  }

  /// How runs failed one after the other; nil where none did.
  var survival: Figure? { SurvivalFigure(problem, order).figure }

  /// How each run ended, rate by seed; nil for a single cell.
  var stabilityMap: Figure? {
    let methods = problem.methods.filter { $0.stability.runs.done > 0 }
    guard methods.contains(where: { $0.learningRates.cells.count > 1 }) else { return nil }
    var seen: Set<Figure.OutcomeShade> = []
    let panels = methods.map { method -> Figure.Panel in
      let cells = method.learningRates.cells
      let rows = problem.seeds.map { seed in
        cells.map { cell in shade(cell.results.first { $0.seed == seed }) }
      }
      for row in rows { seen.formUnion(row) }
      return .init(
        title: method.method.label,
        content: .map(
          .init(
            columns: cells.map { NumberText.rate($0.learningRate) },
            rows: problem.seeds.map { "\($0)" }, cells: rows)))
    }
    // The clipping strategies of an optimizer side by side, where they fit.
    let clippings = problem.clippings.count
    let columns = clippings > 8 ? 6 : clippings * max(1, 6 / clippings)
    return Figure(
      name: "\(prefix)-stability-map",
      title: "\(problem.problem.name): how each run ended, learning rate by seed",
      caption:
        "One square per run: learning rates from left to right, one row per seed. A completed run whose loss is no lower than what the best constant prediction gives is grey: it did not fail, and learned nothing.",
      keys: Figure.OutcomeShade.allCases.filter(seen.contains).map {
        .init(label: $0.label, sign: .outcome($0))
      }, panels: panels, columns: columns, xTitle: "", yTitle: "")
  }

  private func shade(_ result: GridResult?) -> Figure.OutcomeShade {
    guard let result else { return .missing }
    switch result.outcome {
    case .completed:
      guard let score = result.score else { return .nonfinite }
      let reference = problem.problem.referenceLoss
      return reference.isFinite && score >= reference ? .useless : .completed
    case .stalled, .timedOut: return .stopped
    case .objectiveFailed: return .missing
    case .worseThanStart: return .worse
    case .exploded: return .exploded
    case .nonfinite: return .nonfinite
    }
  }

  /// Optimizers by clipping strategies: how often they failed and how low they come; nil without two
  /// of each.
  var optimizersByClipping: Figure? {
    let optimizers = problem.optimizers.map(\.name)
    let clippings = problem.clippings.map(\.name)
    guard optimizers.count > 1, clippings.count > 1 else { return nil }
    func table(
      _ hue: Figure.ShadedTable.Hue, _ value: (MethodAnalysis) -> (shade: Double?, text: String)
    ) -> Figure.ShadedTable {
      .init(
        columns: clippings.map { $0 == "none" ? "no clipping" : $0 }, rows: optimizers,
        cells: optimizers.map { optimizer in
          clippings.map { clipping in
            let method = problem.methods.first {
              $0.method == Method(optimizer: optimizer, clipping: clipping)
            }
            return method.map(value) ?? (shade: nil, text: "")
          }
        }, hue: hue,
        methods: optimizers.map { optimizer in
          clippings.map { Method(optimizer: optimizer, clipping: $0).label }
        })
    }
    let metric = problem.metrics.score
    let losses = problem.methods.compactMap { $0.convergence.final(metric)?.value }
    let axis = Figure.Axis(losses, margin: 0)
    return Figure(
      name: "\(prefix)-optimizers-by-clipping",
      title: "\(problem.problem.name): what clipping does to each optimizer",
      caption:
        "Left: the share of runs that failed, over the whole grid of learning rates. Right: the \(score) at the chosen rates. The darker the worse.",
      keys: [],
      panels: [
        .init(
          title: "runs that failed",
          content: .table(
            table(.failure) { method in
              let rate = method.stability.failureRate?.value
              return (rate, rate.text(NumberText.percent))
            })),
        .init(
          title: "\(score) at the chosen rates",
          content: .table(
            table(.loss) { method in
              let estimate = method.convergence.final(metric)
              guard let value = estimate?.value, value.isFinite else {
                return (estimate == nil ? nil : 1, QuantityText.value(estimate))
              }
              return (axis?.position(value) ?? 0, QuantityText.value(estimate))
            })),
      ], columns: 2, xTitle: "", yTitle: "")
  }
}
