internal import Analysis
internal import Records

/// The tables of one problem under the robust protocol.
struct RobustSection {
  private let problem: ProblemAnalysis
  private let robust: RobustAnalysis
  private let findings: [Block.Item]
  private let variants: [ReportContext.Variant]
  private let figures: RobustFigures
  private let curves: Figure?
  private let survival: Figure?
  private let recorded: RecordedFigures

  /// - Parameters:
  ///   - findings: What stands at the section's head.
  ///   - variants: Results with something changed.
  init(
    _ problem: ProblemAnalysis, _ robust: RobustAnalysis, findings: [Block.Item],
    variants: [ReportContext.Variant], _ order: SeriesOrder, recorded: RecordedFigures
  ) {
    self.problem = problem
    self.robust = robust
    self.findings = findings
    self.variants = variants
    self.recorded = recorded
    figures = RobustFigures(problem, robust, order)
    curves = ProblemFigures(problem, order).lossCurves
    survival = ProblemFigures(problem, order).survival
  }

  var blocks: [Block] {
    let heading = Block.heading(2, "Problem: \(problem.problem.name)")
    guard problem.runs.done > 0 else {
      return [heading, .paragraph("No run of this problem is stored yet.")]
    }
    return [heading] + (findings.isEmpty ? [] : [.list(findings)]) + leading + ladder + frontier
      + targets + [tuning]
      + AuditSection(robust: robust, rows: AuditRow.rows(problem, beside: variants)).blocks + [
        atTunedRate
      ]
  }

  private var leading: [Block] {
    [
      .paragraph(
        """
        Each method at its own tuned learning rate and when that rate is misjudged, \
        \(robust.scale.lowerBound == nil ? "the lowest loss" : "the greatest robust progress (RP)") first; \
        \(emphasis: "Rank") gives all ranks that the seeds do not rule out.\(tunedOver)
        """),
      .table(
        Table(
          "robust", RobustColumns.leading(problem), RobustRow.rows(problem),
          limit: ProblemSection.rowLimit)),
    ] + Block.picture(figures.lossByMultiple)
  }

  /// What was tuned beside the learning rate.
  private var tunedOver: Prose {
    let options = robust.tunedOptions
    return options.isEmpty
      ? ""
      : " Tuned over the learning rate and \(options.listed(limit: 12))."
  }

  private var ladder: [Block] {
    let rows = RobustRow.rows(problem).byOptimizer(robust.planned)
    guard let example = rows.compactMap(\.atFour).first,
      let share = example.usefulShare(problem.options)
    else { return [] }
    return [
      .heading(3, "When the learning rate is misjudged"),
      .paragraph(
        """
        Runs at multiples of each method's own tuned rate: \(emphasis: "useful / useless / failed"). A useful run keeps at \
        least half of the progress that the method makes at its tuned rate; a useless one ends finite and does not; a \
        failed one became NaN, exploded, or ended worse than it began. These are counts of \
        \(NumberText.count(example.runs, "run")): \(example.useful) of \(example.runs) stands for a share of \
        \(QuantityText.share(share)). The exact intervals are in \(link: "ladder.csv", to: "ladder.csv").
        """),
      .table(Table("ladder", LadderColumns.table, rows, limit: ProblemSection.rowLimit)),
    ] + Block.picture(figures.bars)
      + Block.picture(RobustClippingFigure(problem, robust).figure) + Block.picture(survival)
      + Block.picture(recorded.lastSteps) + Block.picture(recorded.gradientNorms)
  }

  private var frontier: [Block] {
    guard let figure = figures.frontier else { return [] }
    return [
      .heading(3, "Loss against fragility"),
      .paragraph(
        """
        Beaten by no other method in both the loss at the tuned rate and the overshoot regret: \
        \(figures.undominated.map(\.method.label).listed(limit: 12)).
        """), .figure(figure),
    ] + Block.picture(PairwiseFigure(problem).figure)
  }

  private var targets: [Block] {
    let profiles = TargetRow.profiles(problem)
    guard profiles.contains(where: { $0.profile.share > 0 }) else { return [] }
    return [
      .folded(
        "How fast targets are reached",
        [
          .paragraph(
            """
            At the tuned rates, by \(problem.metrics.curve.words): gradient evaluations until 25, 50, 75 and 90% of the possible \
            progress is made. The schedules of the runs are planned for the whole budget, so a shorter run planned as such may \
            be faster. All nineteen targets are in \(link: "targets.csv", to: "targets.csv").
            """),
          .table(
            Table("targets", TargetColumns.table, profiles, limit: ProblemSection.rowLimit)),
        ] + Block.picture(figures.targets))
    ]
  }

  private var tuning: Block {
    let split = problem.metrics.selection.words
    return .folded(
      robust.tunedOptions.isEmpty
        ? "How the learning rates were tuned"
        : "How the learning rates and \(robust.tunedOptions.count == 1 ? "another option" : "other options") were tuned",
      settings + [
        .paragraph(
          """
          \(robust.tunedOptions.isEmpty ? "Every method" : "At its chosen setting every method") tried at most \(NumberText.count(robust.cap, "learning rate")) with \
          \(NumberText.count(robust.tuningSeeds.count, "seed")) that evaluate nothing. The \(split) alone \
          chooses\(problem.metrics.score == .testLoss ? "; the test split chooses nothing" : ""). First a scan by decades round the optimizer's default, then the best \
          rate's neighbours at half and at a quarter decade, then outwards until worse rates stand on both sides.
          """),
        .table(
          Table(
            "tuning", TuningColumns.table, RobustRow.rows(problem), limit: ProblemSection.rowLimit)),
      ])
  }

  /// How the settings of other options were tuned.
  private var settings: [Block] {
    guard let budget = robust.budget, !robust.tunedOptions.isEmpty else { return [] }
    let how =
      switch budget.strategy {
      case .random: "drawn at random"
      case .halton: "taken from the first points of a scrambled Halton sequence"
      case .halving:
        "taken from the first points of a scrambled Halton sequence and halved: all with one seed, the better half with two, and so on"
      }
    let isOfClips = robust.tunedOptions.contains { $0.hasPrefix("clipping_") }
    let norm = isOfClips ? robust.methods.compactMap(\.startGradientNorm).first : nil
    return [
      .paragraph(
        """
        Beside its default every method that has any of the options might try \(NumberText.count(budget.settings, "setting")) with all \
        \(NumberText.count(robust.tuningSeeds.count, "tuning seed")), or as many runs of more: \(how). Each was run at three learning rates, half a decade \
        apart round the one that the default was tuned to; the best one's rate was then searched for again. The same split \
        chooses. \(norm.map { "Thresholds of clips are drawn in units of the gradient norm at the start, \(NumberText.significant($0)) (the median over the tuning seeds)." } ?? "")
        """),
      .table(
        Table(
          "settings", SettingColumns.table, RobustRow.rows(problem),
          limit: ProblemSection.rowLimit)),
    ]
  }

  /// What the runs at the tuned rates have to say beyond their losses.
  private var atTunedRate: Block {
    let stability = StabilityRow.tuned(problem)
    let rows = ConvergenceRow.tuned(problem)
    var blocks: [Block] = [
      .paragraph("How the runs ended, each method at its own tuned rate only:"),
      .table(
        Table(
          "stability", StabilityColumns.endings, stability, limit: ProblemSection.rowLimit)),
      .paragraph("How rough training was, and what clipping did (the same runs):"),
      .table(
        Table(
          "stability", StabilityColumns.roughness, stability, limit: ProblemSection.rowLimit)),
      .paragraph("How far they came, by final loss:"),
      .table(
        Table(
          "convergence", ConvergenceColumns.atTunedRate(problem.metrics),
          rows.sorted(like: problem.methodsByLoss), limit: ProblemSection.rowLimit)),
    ]
    blocks += Block.picture(curves)
    if problem.problem.hasTarget {
      blocks += [
        .paragraph(
          """
          How fast the target, \(problem.problem.targetWords), was reached, counted in gradient evaluations (the common \
          budget is \(NumberText.grouped(Int(problem.budget))) per run, one for each step):
          """),
        .table(
          Table(
            "convergence", ConvergenceColumns.speed, rows.sorted(like: problem.methodsBySpeed),
            limit: ProblemSection.rowLimit)),
      ]
    }
    let failed = problem.failures.reduce(0) { $0 + $1.count }
    if failed > 0 {
      blocks += [
        .paragraph(
          "The \(NumberText.count(failed, "failed run")) at the tuned rates by what happened first:"
        ),
        .table(Table("failures", FailureColumns.table, FailureRow.rows(problem), limit: 15)),
      ]
    }
    return .folded("At the tuned rate: endings, telemetry, convergence, targets", blocks)
  }
}

extension [RobustRow] {
  /// In the order of the plan, the variants of an optimizer one below the other.
  func byOptimizer(_ planned: [Method]) -> [RobustRow] {
    var optimizers: [String] = []
    for method in planned where !optimizers.contains(method.optimizer) {
      optimizers.append(method.optimizer)
    }
    return optimizers.flatMap { optimizer in
      planned.filter { $0.optimizer == optimizer }.compactMap { method in
        first { $0.method == method }
      }
    }
  }
}
