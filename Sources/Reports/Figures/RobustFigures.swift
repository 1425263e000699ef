internal import Analysis
internal import Records

/// The pictures of one problem under the robust protocol.
struct RobustFigures {
  /// How far from the tuned rate pictures go: a factor on either side.
  private static let reach = 100.0

  private let problem: ProblemAnalysis
  private let robust: RobustAnalysis
  private let order: SeriesOrder
  private let rows: [RobustRow]

  init(_ problem: ProblemAnalysis, _ robust: RobustAnalysis, _ order: SeriesOrder) {
    self.problem = problem
    self.robust = robust
    self.order = order
    rows = RobustRow.rows(problem).byOptimizer(robust.planned).filter { $0.ladder != nil }
  }

  private var prefix: String { ProblemFigures.prefix(problem) }
  private var score: String { "final \(problem.metrics.score.words)" }

  // MARK: Loss by multiple

  /// The final loss against the learning rate in units of the tuned one; nil without a ladder.
  var lossByMultiple: Figure? {
    let panels = order.panels(rows.map(\.method))
    let curves = panels.map { title, methods in
      (title, methods.compactMap { method in rows.first { $0.method == method }.map(curve) })
    }
    let all = curves.flatMap { $0.1 }
    let values =
      all.flatMap { curve in
        curve.points.flatMap { [$0.lowest, $0.highest] } + curve.others.map(\.y)
      } + [robust.scale.referenceLoss]
    let multiples =
      all.flatMap { curve in curve.points.map(\.x) + curve.others.map(\.x) }
    guard let x = Figure.Axis(multiples, isLogarithmic: true, margin: 0.02),
      let y = Figure.Axis(values, isLogarithmic: robust.scale.isLogarithmic ? true : nil)
    else { return nil }
    return Figure(
      name: "\(prefix)-loss-by-multiple",
      title: "\(problem.problem.name): \(score) when the tuned learning rate is misjudged",
      caption: """
        The \(score) against the learning rate, as a multiple of each method's own tuned rate. Line: the mean of the middle \
        half of the evaluation seeds, within the band from the lowest to the highest. Hollow: the rates that tuning tried, over \
        the tuning seeds, by the loss that chooses. Bar at the foot: the plateau of rates about as good as the best, whose centre is the tuned \
        rate. Dotted: the reference loss, which a run counts with where it failed or ended above it. ✗ above the plot: seeds failed at this rate, the \
        larger the more; the rows follow the legend. Rates more than \(NumberText.rate(Self.reach)) times off are left out, and so are methods that do not train.
        """,
      keys: order.keys + [
        .init(label: "tried while tuning", sign: .other), .init(label: "plateau", sign: .stretch),
        .init(label: "seeds failed", sign: .failure),
      ],
      panels: curves.map { title, curves in
        .init(
          title: title,
          content: .plot(
            .init(
              x: x, y: y, curves: curves, levels: [robust.scale.referenceLoss],
              stops: StressLadder.multiples.map { ($0, NumberText.rate($0)) })))
      }, columns: ProblemFigures.columns(curves.count),
      xTitle: "learning rate / tuned learning rate", yTitle: score)
  }

  private func curve(_ row: RobustRow) -> Figure.Curve {
    guard let values = row.values, let tuned = values.tunedRate else {
      return Figure.Curve(series: order.series(row.method), name: row.method.label, points: [])
    }
    let scale = robust.scale
    var curve = Figure.Curve(
      series: order.series(row.method), name: row.method.label,
      points: values.evaluation.map { rate in
        .init(
          x: rate.multiple, y: scale.loss(at: rate.middlePosition),
          lowest: scale.loss(at: rate.positions.min() ?? scale.referencePosition),
          highest: scale.loss(at: rate.positions.max() ?? scale.referencePosition))
      })
    let near = values.tuning.map { (x: $0.learningRate / tuned, rate: $0) }
      .filter { (1 / Self.reach...Self.reach).contains($0.x) }
    curve.others = near.map { x, rate in
      (x, scale.loss(at: scale.middlePosition(of: rate.runs.map(\.scoreLoss))))
    }
    curve.failures =
      (values.evaluation.map { (x: $0.multiple, rate: $0) } + near)
      .map { x, rate in
        (x, Double(rate.runs.count(where: \.isFailed)) / Double(rate.runs.count))
      }.filter { $0.share > 0 }
    curve.stretch = values.plateau.map { plateau in
      max(plateau.lowerBound / tuned, 1 / Self.reach)...min(plateau.upperBound / tuned, Self.reach)
    }
    curve.chosen = 1
    return curve
  }

  // MARK: Useful, useless, failed

  /// How many runs are useful, useless and failed as the rate rises; nil without a ladder.
  var bars: Figure? {
    if rows.isEmpty { return nil }
    let multiples = [1.0, 2, 4, 10]
    let shades: [Figure.OutcomeShade] = [.useful, .useless, .failed]
    var last = ""
    let bars = rows.map { row -> Figure.Bars.Row in
      defer { last = row.method.optimizer }
      return .init(
        name: row.method.label, startsBlock: row.method.optimizer != last,
        counts: multiples.map { multiple in
          row.ladder?.rungs.first { $0.multiple == multiple }
            .map { [$0.useful, $0.useless, $0.failed] }
        })
    }
    return Figure(
      name: "\(prefix)-useful-useless-failed",
      title: "\(problem.problem.name): useful, useless and failed runs when the rate is too high",
      caption:
        "Of the runs at each multiple of a method's own tuned rate: useful, finite but useless, failed. The variants of an optimizer stand together; methods that do not train are left out.",
      keys: zip(shades, ["useful", "finite but useless", "failed"]).map {
        .init(label: $1, sign: .outcome($0))
      },
      panels: [
        .init(
          title: "",
          content: .bars(
            .init(
              groups: multiples.map { "\(LadderColumns.multipleWords($0)) the tuned rate" },
              rows: bars,
              shades: shades)))
      ], columns: 1, xTitle: "", yTitle: "")
  }

  // MARK: Frontier

  /// The methods than which no other has both a lower loss and a smaller overshoot regret.
  var undominated: [RobustRow] {
    rows.filter { row in
      guard let own = row.values else { return false }
      return !rows.contains { other in
        guard let values = other.values else { return false }
        let (loss, regret) = (values.tunedPosition, values.meanOvershootRegret)
        return loss <= own.tunedPosition && regret <= own.meanOvershootRegret
          && (loss < own.tunedPosition || regret < own.meanOvershootRegret)
      }
    }
  }

  /// The loss at the tuned rate against what misjudging the rate costs; nil with fewer than two methods.
  var frontier: Figure? {
    let named = undominated.map(\.method)
    let points = rows.compactMap { row -> Figure.Scatter.Mark? in
      guard let loss = row.values?.tunedLoss, let regret = row.values?.overshootRegret else {
        return nil
      }
      return .init(
        series: order.series(row.method), name: row.method.label, x: regret.value, y: loss.value,
        xRange: range(regret), yRange: range(loss), isNamed: named.contains(row.method))
    }
    guard points.count > 1,
      let x = Figure.Axis(
        points.flatMap { [$0.xRange.lowerBound, $0.xRange.upperBound] }, isLogarithmic: false),
      let y = Figure.Axis(points.flatMap { [$0.yRange.lowerBound, $0.yRange.upperBound] })
    else { return nil }
    return Figure(
      name: "\(prefix)-loss-against-fragility",
      title: "\(problem.problem.name): \(score) at the tuned rate against overshoot regret",
      caption:
        "One mark per method with its intervals: lower is a lower loss, further left is less lost when the learning rate is too high. Named in bold: the methods that no other beats in both; others have their names where there is room.",
      keys: order.keys,
      panels: [.init(title: "", content: .scatter(.init(x: x, y: y, points: points)))],
      columns: 1, xTitle: "overshoot regret S⁺ (share of its progress lost)",
      yTitle: "\(score) at the tuned rate")
  }

  // MARK: Targets

  /// The share of targets reached against gradient evaluations; nil where no target ever is.
  var targets: Figure? {
    let profiles = TargetRow.profiles(problem)
    let all = profiles.flatMap { $0.profile.steps }
    let spent = profiles.flatMap(\.profile.spent).map(Double.init)
    guard all.contains(where: { $0.evaluations > 0 }),
      let x = Figure.Axis(
        all.map { Double($0.evaluations) }.filter { $0 > 0 } + spent, isLogarithmic: true,
        margin: 0.02),
      let y = Figure.Axis([0, 1], isLogarithmic: false)
    else { return nil }
    let panels = order.panels(profiles.map(\.row.method))
    return Figure(
      name: "\(prefix)-targets",
      title: "\(problem.problem.name): targets reached during training at the tuned rate",
      caption: """
        The share of all pairs of a seed and a target that are reached within so many gradient evaluations. The targets are \
        the losses at which 5, 10, … 95% of the possible progress is made, from the reference loss to the lower bound. Higher and further left is \
        faster. Steps are as wide as the evaluations lie apart.
        """,
      keys: order.keys,
      panels: panels.map { title, methods in
        .init(
          title: title,
          content: .plot(
            .init(
              x: x, y: y,
              curves: methods.compactMap { method in
                profiles.first { $0.row.method == method }.map { reached($0, until: spent.max()) }
              }, levels: [])))
      }, columns: ProblemFigures.columns(panels.count), xTitle: "gradient evaluations",
      yTitle: "share of targets reached")
  }

  private func reached(_ row: TargetRow, until end: Double?) -> Figure.Curve {
    var points: [Figure.Point] = []
    func add(_ x: Double, _ y: Double) {
      points.append(.init(x: x, y: y, lowest: y, highest: y))
    }
    var share = row.profile.share(within: 0)
    for step in row.profile.steps where step.evaluations > 0 {
      add(Double(step.evaluations), share)
      share = step.share
      add(Double(step.evaluations), share)
    }
    if let end { add(end, share) }
    var curve = Figure.Curve(
      series: order.series(row.row.method), name: row.row.method.label, points: points)
    curve.hasMarkers = false
    return curve
  }

  private func range(_ estimate: Estimate) -> ClosedRange<Double> {
    min(
      estimate.lower ?? estimate.value, estimate.value)...max(
        estimate.upper ?? estimate.value, estimate.value)
  }
}
