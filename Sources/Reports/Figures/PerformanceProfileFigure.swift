internal import Analysis

/// The picture of how often each method is within a factor of the fastest, over problems.
struct PerformanceProfileFigure {
  /// The factor up to which it goes, that of the score.
  private static let most = 4.0

  private let name: String
  private let across: CrossProblemAnalysis
  private let order: SeriesOrder

  init(_ name: String, _ across: CrossProblemAnalysis, _ order: SeriesOrder) {
    self.name = name
    self.across = across
    self.order = order
  }

  /// nil with fewer than two problems that have a target, and where nobody reaches one.
  var figure: Figure? {
    let methods = across.methods.filter { $0.ratios != nil }
    guard across.problemsWithTarget.count > 1,
      methods.contains(where: { ($0.ratios ?? []).contains(where: \.isFinite) }),
      let x = Figure.Axis([1, Self.most], isLogarithmic: true, margin: 0.01),
      let y = Figure.Axis([0, 1], isLogarithmic: false, margin: 0.02)
    else { return nil }
    let panels = order.panels(methods.map(\.method))
    return Figure(
      name: "\(ProblemFigures.prefix(name))-performance-profile",
      title: "Share of problems on which a method is within a factor of the fastest",
      caption: """
        Over the \(NumberText.count(across.problemsWithTarget.count, "problem")) with a target: the share that a method solves with at most so many times the \
        gradient evaluations of the fastest (Dolan & Moré, 2002). A target that was not reached is within no factor. With this few \
        problems a step is \(NumberText.percent(1 / Double(across.problemsWithTarget.count))) of the axis: other problems may give another picture.
        """,
      keys: order.keys,
      panels: panels.map { title, own in
        .init(
          title: title,
          content: .plot(
            .init(
              x: x, y: y,
              curves: own.compactMap { method in
                methods.first { $0.method == method }.map { curve($0) }
              }, levels: [], stops: [1, 1.5, 2, 3, 4].map { ($0, NumberText.rate($0)) })))
      }, columns: ProblemFigures.columns(panels.count),
      xTitle: "factor of the fastest method's gradient evaluations",
      yTitle: "share of problems")
  }

  private func curve(_ method: CrossProblemMethod) -> Figure.Curve {
    let ratios = method.ratios ?? []
    var points: [Figure.Point] = []
    func add(_ x: Double, _ share: Double) {
      points.append(.init(x: x, y: share, lowest: share, highest: share))
    }
    func share(_ factor: Double) -> Double {
      Double(ratios.count { $0 <= factor }) / Double(ratios.count)
    }
    add(1, share(1))
    for ratio in ratios.filter({ $0 > 1 && $0 <= Self.most }).sorted() {
      add(ratio, points.last?.y ?? 0)
      add(ratio, share(ratio))
    }
    add(Self.most, points.last?.y ?? 0)
    var curve = Figure.Curve(
      series: order.series(method.method), name: method.method.label, points: points)
    curve.hasMarkers = false
    return curve
  }
}
