internal import Analysis
internal import Records

/// The tables of one problem.
struct ProblemSection {
  /// The most rows of a table; the tables for programs have all.
  static let rowLimit = 40

  private let problem: ProblemAnalysis
  private let findings: [Block.Item]
  private let figures: ProblemFigures
  private let recorded: RecordedFigures

  /// - Parameter findings: What stands at the section's head.
  init(
    _ problem: ProblemAnalysis, findings: [Block.Item], figures: ProblemFigures,
    recorded: RecordedFigures
  ) {
    self.problem = problem
    self.findings = findings
    self.figures = figures
    self.recorded = recorded
  }

  var blocks: [Block] {
    let heading = Block.heading(2, "Problem: \(problem.problem.name)")
    guard problem.runs.done > 0 else {
      return [heading, .paragraph("No run of this problem is stored yet.")]
    }
    return [heading] + (findings.isEmpty ? [] : [.list(findings)])
      + Block.picture(figures.lossByRate) + stability + convergence + ranking + learningRates
      + BoundsSection(problem).blocks + failures
  }

  private var stability: [Block] {
    let rows = StabilityRow.grid(problem)
    return [
      .heading(3, "Stability"),
      .paragraph("How often runs failed, over all learning rates of the grid and all seeds:"),
      .table(Table("stability", StabilityColumns.failures, rows, limit: Self.rowLimit)),
    ] + Block.picture(figures.stabilityMap) + Block.picture(figures.optimizersByClipping)
      + Block.picture(figures.survival) + Block.picture(recorded.lastSteps) + [
        .paragraph("How rough training was, and what clipping did (the same runs):"),
        .table(Table("stability", StabilityColumns.roughness, rows, limit: Self.rowLimit)),
      ] + Block.picture(recorded.gradientNorms)
  }

  private var convergence: [Block] {
    let rows = ConvergenceRow.chosen(problem)
    var blocks: [Block] = [
      .heading(3, "Convergence"),
      .paragraph("\(choiceOfRates) The methods are listed by final loss."),
      .table(
        Table(
          "convergence", ConvergenceColumns.quality(problem.metrics),
          rows.sorted(like: problem.methodsByLoss), limit: Self.rowLimit)),
    ]
    blocks += Block.picture(figures.lossCurves)
    if problem.problem.hasTarget {
      blocks += [
        .paragraph(
          """
          How fast the target, \(problem.problem.targetWords), was reached, counted in gradient \
          evaluations (the common budget is \(NumberText.grouped(Int(problem.budget))) per run, one for each step):
          """),
        .table(
          Table(
            "convergence", ConvergenceColumns.speed, rows.sorted(like: problem.methodsBySpeed),
            limit: Self.rowLimit)),
      ]
    }
    return blocks
  }

  private var choiceOfRates: Prose {
    let loss = "final \(problem.metrics.selection.words)"
    let split =
      problem.metrics.selection == .validationLoss
      ? "" : " The problem has no validation split, so the training loss chooses."
    guard problem.isCrossFitted else {
      return """
        Each method is judged at the learning rate with its lowest \(loss). There is only one seed, \
        so the rate was chosen on the very run that is judged: the results are too good to be \
        believed.\(split)
        """
    }
    return """
      Each method is judged at its best learning rate. The rate for a seed is the one with the \
      lowest \(loss) on the \(emphasis: "other") seeds, so no run chooses its own rate (cross-fitting)\
      \(problem.metrics.score == .testLoss ? ", and the test split chooses nothing" : "").\(split)
      """
  }

  private var ranking: [Block] {
    let ranking = problem.ranking
    guard !ranking.methods.isEmpty else {
      return [
        .heading(3, "Ranking"), .paragraph("Too many runs are missing to rank any methods."),
      ]
    }
    var blocks: [Block] = [
      .heading(3, "Ranking: stability and convergence together"),
      .paragraph(
        """
        Methods are compared on the same \(NumberText.count(ranking.seeds.count, "seed")). The \
        \(emphasis: "combined rank") is the mean of two ranks: by final loss, and by the share of the learning \
        rates that failed. Lower is better; equals share ranks, so even the \
        first can lie well above 1. ★: no other method is better \
        in one of the two and at least as good in the other.
        """),
      .table(
        Table(
          "ranking", RankingColumns.combined(ranking), RankingRow.chosen(problem),
          limit: Self.rowLimit)),
    ]
    if let reach = TestReach(ranking, significance: problem.options.significance).text {
      blocks.append(.paragraph(reach))
    }
    return blocks + Block.picture(PairwiseFigure(problem).figure) + Self.unranked(ranking.unranked)
  }

  static func unranked(_ methods: [Method]) -> [Block] {
    methods.isEmpty
      ? []
      : [
        .paragraph(
          "Not ranked, because runs are missing: \(methods.map(\.label).listed(limit: 20)).")
      ]
  }

  private var learningRates: [Block] {
    let maps = StabilityMap.maps(of: problem).map { map -> Block in
      .table(Table("learning_rates", map.columns, map.methods, limit: Self.rowLimit))
    }
    return [
      .heading(3, "Learning rates"),
      .paragraph(
        """
        Final \(problem.metrics.score.words) at each learning rate (interquartile mean over seeds). \
        \(code: "✗ 3/10"): three of ten runs failed; without a number, too many failed to give a loss. Bold: the \
        rate chosen most often, with ↑ or ↓ where the grid ends there. \(code: "?"): no runs stored.
        """),
    ] + maps + [
      .paragraph("How much of its grid each method can take:"),
      .table(
        Table(
          "stability", StabilityColumns.learningRates, StabilityRow.grid(problem),
          limit: Self.rowLimit)),
    ] + outOfTheBox
  }

  private var outOfTheBox: [Block] {
    let rows = ConvergenceRow.outOfTheBox(problem)
      .sorted { ($0.ranked?.place ?? .max) < ($1.ranked?.place ?? .max) }
    if rows.isEmpty {
      return [
        .paragraph(
          "Out of the box: no method was run at its optimizer's default learning rate; the grids do not hold it."
        )
      ]
    }
    var blocks: [Block] = [
      .paragraph(
        "Out of the box, at each optimizer's default learning rate, without any tuning:"),
      .table(
        Table(
          "convergence", ConvergenceColumns.outOfTheBox(problem.metrics), rows,
          limit: Self.rowLimit)),
    ]
    let without = problem.methods.filter { $0.outOfTheBox == nil }.map(\.method.label)
    if !without.isEmpty {
      blocks.append(
        .paragraph(
          "Not in this table, because their grids do not hold the optimizer's default learning rate: \(without.listed(limit: 40))."
        ))
    }
    let unranked = rows.filter { $0.ranked == nil }.map(\.method.label)
    if !unranked.isEmpty {
      blocks.append(
        .paragraph(
          "Without a place, because runs at the default rate are missing: \(unranked.listed(limit: 40))."
        ))
    }
    return blocks
  }

  private var failures: [Block] {
    guard !problem.failures.isEmpty else {
      return [.heading(3, "Failures"), .paragraph("No run failed.")]
    }
    return [
      .heading(3, "Failures"),
      .paragraph(
        "The \(NumberText.count(problem.runs.failed, "failed run")) by what happened first:"),
      .table(Table("failures", FailureColumns.table, FailureRow.rows(problem), limit: 15)),
    ]
  }
}

extension [ConvergenceRow] {
  /// In the order of `methods`, the others last.
  func sorted(like methods: [MethodAnalysis]) -> [ConvergenceRow] {
    func key(_ row: ConvergenceRow) -> Int {
      methods.firstIndex { $0.method == row.method } ?? .max
    }
    return indices.sorted { (key(self[$0]), $0) < (key(self[$1]), $1) }.map { self[$0] }
  }
}
