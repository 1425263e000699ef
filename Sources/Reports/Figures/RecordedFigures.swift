internal import Analysis
internal import Records

/// The pictures of what runs recorded at every step: gradient norms, and the last steps before a failure.
struct RecordedFigures {
  /// The most runs and the most tensors and steps of each that are shown before their failure.
  private static let failures = (runs: 6, tensors: 24, steps: 32)

  private let problem: ProblemAnalysis
  private let order: SeriesOrder
  private let records: [RunKey: RunRecord]

  /// - Parameter records: The runs; none where the caller has them no more.
  init(_ problem: ProblemAnalysis, _ order: SeriesOrder, _ records: [RunKey: RunRecord]) {
    self.problem = problem
    self.order = order
    self.records = records
  }

  private var prefix: String { ProblemFigures.prefix(problem) }

  // MARK: Gradient norms

  /// The norm of the gradient before and after clipping; nil where nothing clips.
  var gradientNorms: Figure? {
    let curves = order.panels(problem).map { title, methods in
      (title, methods.compactMap { curve($0) })
    }.filter { !$0.1.isEmpty }
    let all = curves.flatMap { $0.1 }
    let points = all.flatMap(\.points)
    guard points.contains(where: { $0.highest > $0.lowest }),
      let x = Figure.Axis(points.map(\.x), isLogarithmic: true, margin: 0.01),
      let y = Figure.Axis(points.flatMap { [$0.lowest, $0.highest] }, isLogarithmic: true)
    else { return nil }
    return Figure(
      name: "\(prefix)-gradient-norms",
      title: "\(problem.problem.name): norm of the gradient before and after clipping",
      caption: """
        At the \(problem.robust == nil ? "chosen" : "tuned") rates, the norm of the gradient that reached the optimizer (line) and, as the upper edge of the \
        band, the norm before clipping: the band is what clipping took away. Medians over the steps of each of \(GradientNormCurve.stretches) stretches at most, then over \
        seeds; steps count from 1, and those whose gradient was not finite are left out.
        """,
      keys: order.keys,
      panels: curves.map { title, curves in
        .init(title: title, content: .plot(.init(x: x, y: y, curves: curves, levels: [])))
      }, columns: ProblemFigures.columns(curves.count), xTitle: "step", yTitle: "gradient norm")
  }

  private func curve(_ method: MethodAnalysis) -> Figure.Curve? {
    let trajectories = runs(of: method).compactMap { records[$0]?.trajectory }
    let points = GradientNormCurve(trajectories).points.map { point in
      Figure.Point(
        x: point.step, y: point.after, lowest: min(point.after, point.before),
        highest: max(point.after, point.before))
    }
    guard points.count > 1 else { return nil }
    var curve = Figure.Curve(
      series: order.series(method.method), name: method.method.label, points: points)
    curve.hasMarkers = false
    return curve
  }

  /// The runs at the rate at which the method is judged.
  private func runs(of method: MethodAnalysis) -> [RunKey] {
    if let robust = problem.robust {
      return robust.methods.first { $0.method == method.method }?.tunedRuns.map(\.key) ?? []
    }
    return method.choices.compactMap { choice in
      problem.summaries.first {
        $0.method == method.method && $0.seed == choice.seed && $0.trial == choice.trial
      }?.key
    }
  }

  // MARK: Before a failure

  /// The gradient norm of each tensor over the last steps of runs that failed; nil where none kept them.
  var lastSteps: Figure? {
    let panels = problem.methods.lazy.compactMap { failure(of: $0.method) }
      .prefix(Self.failures.runs)
    guard !panels.isEmpty else { return nil }
    return Figure(
      name: "\(prefix)-before-failure",
      title: "\(problem.problem.name): gradient norm of each tensor before a failure",
      caption: """
        The run of a method that failed at its lowest rate, the first of its seeds: a row for each tensor in the order of the \
        network, a column for each of its last steps, \(Self.failures.steps) at most, up to the failing one. The darker the greater, on one logarithmic scale \
        within a run; crossed out where the norm is NaN or infinite. The first \(Self.failures.runs) methods that failed are shown.
        """,
      keys: [], panels: Array(panels), columns: ProblemFigures.columns(panels.count), xTitle: "",
      yTitle: "")
  }

  private func failure(of method: Method) -> Figure.Panel? {
    let failed = problem.summaries.filter {
      $0.method == method && $0.failureStep >= 0 && records[$0.key]?.flight != nil
    }
    let first = failed.min { ($0.learningRate, $0.seed) < ($1.learningRate, $1.seed) }
    guard let first, let flight = records[first.key]?.flight, flight.steps.count > 1,
      let series = flight.series.first(where: { $0.quantity.name == "gradient_norm" }),
      case .float32(let norms) = series.numbers
    else { return nil }
    let tensors = flight.tensors.count
    let rows = min(tensors, Self.failures.tensors)
    let start = max(0, flight.steps.count - Self.failures.steps)
    let cells = (0..<rows).map { row in
      (start..<flight.steps.count).map { norms[$0 * tensors + row] }
    }
    let finite = cells.joined().filter { $0.isFinite && $0 > 0 }.map(Double.init)
    let axis = Figure.Axis(finite, isLogarithmic: true, margin: 0)
    return .init(
      title:
        "\(method.label), rate \(NumberText.rate(first.learningRate)): step \(first.failureStep)",
      content: .heat(
        .init(
          method: method.label, columns: flight.steps[start...].map { "\($0)" },
          rows: Array(flight.tensors.prefix(rows)),
          cells: cells.map { row in
            row.map { norm in
              norm.isFinite ? (norm > 0 ? axis?.position(Double(norm)) ?? 0 : 0) : 2
            }
          })))
  }
}
