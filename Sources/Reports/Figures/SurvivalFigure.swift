internal import Analysis
internal import Records

/// The picture of how runs failed one after the other.
struct SurvivalFigure {
  private let problem: ProblemAnalysis
  private let order: SeriesOrder

  init(_ problem: ProblemAnalysis, _ order: SeriesOrder) {
    self.problem = problem
    self.order = order
  }

  /// The share of runs that are still training after each number of steps; nil where none failed.
  var figure: Figure? {
    let isRobust = problem.robust != nil
    let runs = Dictionary(grouping: problem.summaries.filter { Self.counts($0) }, by: \.method)
    let panels = order.panels(problem).map { title, methods in
      (title, methods.map { ($0.method, SurvivalCurve(runs[$0.method] ?? [])) })
    }
    let steps = panels.flatMap(\.1).map(\.1.steps).max() ?? 0
    let falling = panels.filter { $0.1.contains { !$0.1.falls.isEmpty } }
    // Most runs that fail do so in their first steps.
    guard !falling.isEmpty,
      let x = Figure.Axis([1, Double(max(steps, 2))], isLogarithmic: true, margin: 0.01),
      let y = Figure.Axis([0, 1], isLogarithmic: false, margin: 0.02)
    else { return nil }
    let which =
      isRobust
      ? "the evaluation runs at more than the tuned rate"
      : "all runs of the grid"
    return Figure(
      name: "\(ProblemFigures.prefix(problem))-survival",
      title: "\(problem.problem.name): share of runs that have not failed, by step",
      caption:
        "Of \(which), the share that had not failed by each step, counted from 1. A run that ended worse than it began fails with its last step.\(falling.count < panels.count ? " Panels without a failure are left out." : "")",
      keys: order.keys,
      panels: falling.map { title, methods in
        .init(
          title: title,
          content: .plot(
            .init(x: x, y: y, curves: methods.map { curve($0, $1, steps: steps) }, levels: [])))
      }, columns: ProblemFigures.columns(falling.count), xTitle: "step",
      yTitle: "share of runs not failed")
  }

  /// Whether a run is one of a grid, or evaluates a method beyond its tuned rate.
  private static func counts(_ run: RunSummary) -> Bool {
    switch run.purpose {
    case .grid: true
    case .tuning: false
    case .evaluation(let multiple): multiple > 1
    }
  }

  private func curve(_ method: Method, _ survival: SurvivalCurve, steps: Int) -> Figure.Curve {
    var points: [Figure.Point] = []
    func add(_ step: Int, _ share: Double) {
      points.append(.init(x: Double(step), y: share, lowest: share, highest: share))
    }
    if survival.count > 0 {
      add(1, 1)
      for fall in survival.falls {
        // A step that failed is the one after as many.
        let step = min(fall.step + 1, steps)
        add(step, points.last?.y ?? 1)
        add(step, fall.share)
      }
      add(steps, points.last?.y ?? 1)
    }
    var curve = Figure.Curve(series: order.series(method), name: method.label, points: points)
    curve.hasMarkers = false
    return curve
  }
}
