internal import Analysis
internal import Records

extension ReportFormat {
  /// One page for people.
  public static let markdown = ReportFormat(
    name: "markdown", summary: "one page for people: summary in plain words, tables, definitions"
  ) { analysis, context in
    [RenderedFile(name: "report.md", contents: MarkdownReport(analysis, context).text)]
  }
}

/// The Markdown page of one experiment: the summary first, then what was run, then the tables.
private struct MarkdownReport {
  /// The most rows of a table; the CSV files have all.
  private static let rowLimit = 40

  private let analysis: ExperimentAnalysis
  private let context: ReportContext

  init(_ analysis: ExperimentAnalysis, _ context: ReportContext) {
    self.analysis = analysis
    self.context = context
  }

  var text: String {
    let header = analysis.header
    var sections = [
      "# \(header.title.isEmpty ? header.name : header.title)",
      Self.introduction,
      ReportSummary(analysis).text,
      RunDescription(analysis, context).text,
    ]
    if !analysis.published.isEmpty { sections.append(published) }
    sections += analysis.problems.flatMap(problemSections)
    if let across = analysis.acrossProblems { sections.append(acrossSection(across)) }
    sections += [definitions, files]
    return sections.joined(separator: "\n\n") + "\n"
  }

  private static let introduction = """
    This report compares optimizers and gradient clipping strategies on the same training problems. A \
    *method* is an optimizer with a clipping strategy; `adam` alone means no clipping. Every method \
    is run from several *seeds*. Within one seed all methods start from identical parameters and see \
    identical batches, so differences between them come from the methods.

    A run *failed* if its numbers became NaN or infinite, if its loss exploded, or if it ended with a \
    higher loss than it began with. Failed runs are never left out: they count as the worst result.
    """

  private var published: String {
    let counts = [PublishedComparison.Verdict.within, .outside, .missing].map { verdict in
      (verdict, analysis.published.count { $0.verdict == verdict })
    }
    let verdicts = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }
    return """
      ## Published figures

      What others published for the same settings, beside what was measured here: \
      \(verdicts.joined(separator: ", ")).

      \(table(publishedColumns, analysis.published, "published.csv"))
      """.trimmingLineEnds
  }

  private var publishedColumns: [MarkdownColumn<PublishedComparison>] {
    PublishedColumns.table(namesProblem: analysis.problems.count > 1)
  }

  // MARK: Sections of a problem

  private func problemSections(_ problem: ProblemAnalysis) -> [String] {
    guard problem.runs.done > 0 else {
      return ["## Problem: \(problem.problem.name)\n\nNo run of this problem is stored yet."]
    }
    let findings =
      analysis.problems.count == 1
      ? "" : "\n\n" + ReportSummary.list(ProblemSummary(problem).findings)
    return [
      "## Problem: \(problem.problem.name)\(findings)", stability(problem), convergence(problem),
      ranking(problem), learningRates(problem), failures(problem),
    ]
  }

  private func stability(_ problem: ProblemAnalysis) -> String {
    let rows = StabilityRow.rows(problem).filter { $0.scope == "grid" }
    return """
      ### Stability

      How often runs failed, over all learning rates of the grid and all seeds:

      \(table(StabilityColumns.failures, rows, "stability.csv"))
      How rough training was, and what clipping did (the same runs):

      \(table(StabilityColumns.roughness, rows, "stability.csv"))
      """.trimmingLineEnds
  }

  private func convergence(_ problem: ProblemAnalysis) -> String {
    let rows = ConvergenceRow.chosen(problem)
    var text = """
      ### Convergence

      \(choiceOfRates(problem)) The methods are listed by final loss.

      \(table(ConvergenceColumns.quality(problem.metrics), rows.sorted(like: problem.methodsByLoss), "convergence.csv"))
      """
    if problem.problem.hasTarget {
      text += """

        How fast the target, \(problem.problem.targetWords), was reached, counted in gradient \
        evaluations (the common budget is \(NumberText.grouped(Int(problem.budget))) per run, one for each step):

        \(table(ConvergenceColumns.speed, rows.sorted(like: problem.methodsBySpeed), "convergence.csv"))
        """
    }
    return text.trimmingLineEnds
  }

  private func choiceOfRates(_ problem: ProblemAnalysis) -> String {
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
      lowest \(loss) on the *other* seeds, so no run chooses its own rate (cross-fitting)\
      \(problem.metrics.score == .testLoss ? ", and the test split chooses nothing" : "").\(split)
      """
  }

  private func ranking(_ problem: ProblemAnalysis) -> String {
    let ranking = problem.ranking
    guard !ranking.methods.isEmpty else {
      return "### Ranking\n\nToo many runs are missing to rank any methods."
    }
    var text = """
      ### Ranking: stability and convergence together

      Methods are compared on the same \(NumberText.count(ranking.seeds.count, "seed")). The \
      *combined rank* is the mean of two ranks: by final loss, and by the share of the learning \
      rates that failed. Lower is better; equals share ranks, so even the \
      first can lie well above 1. ★: no other method is better \
      in one of the two and at least as good in the other.

      \(table(RankingColumns.combined(ranking), RankingRow.chosen(problem), "ranking.csv"))
      """
    if let reach = TestReach(ranking, significance: analysis.options.significance).text {
      text += "\n" + reach + "\n"
    }
    if !ranking.unranked.isEmpty {
      text += """

        Not ranked, because runs are missing: \
        \(MarkdownText.list(ranking.unranked.map(\.label), limit: 20)).
        """
    }
    return text.trimmingLineEnds
  }

  private func learningRates(_ problem: ProblemAnalysis) -> String {
    let maps = StabilityMap.maps(of: problem).map { map in
      MarkdownTable(map.columns, map.methods, limit: Self.rowLimit)
        .text(restIn: "learning_rates.csv")
    }
    let grid = StabilityRow.rows(problem).filter { $0.scope == "grid" }
    var text = """
      ### Learning rates

      Final \(problem.metrics.score.words) at each learning rate (interquartile mean over seeds). \
      `✗ 3/10`: three of ten runs failed; without a number, too many failed to give a loss. Bold: the \
      rate chosen most often. `?`: no runs stored.

      \(maps.joined(separator: "\n"))
      How much of its grid each method can take:

      \(table(StabilityColumns.learningRates, grid, "stability.csv"))
      """
    let defaults = ConvergenceRow.outOfTheBox(problem)
    if defaults.isEmpty {
      text += "\nNo method was run at its optimizer's default learning rate.\n"
    } else {
      let rows = defaults.sorted { ($0.ranked?.place ?? .max) < ($1.ranked?.place ?? .max) }
      text += """

        Out of the box, at each optimizer's default learning rate, without any tuning:

        \(table(ConvergenceColumns.outOfTheBox(problem.metrics), rows, "convergence.csv"))
        """
    }
    return text.trimmingLineEnds
  }

  private func failures(_ problem: ProblemAnalysis) -> String {
    guard !problem.failures.isEmpty else { return "### Failures\n\nNo run failed." }
    return """
      ### Failures

      The \(NumberText.count(problem.runs.failed, "failed run")) by what happened first:

      \(table(FailureColumns.table, FailureRow.rows(problem), "failures.csv", limit: 15))
      """.trimmingLineEnds
  }

  private func acrossSection(_ across: CrossProblemAnalysis) -> String {
    var text = """
      ## Across problems

      Mean ranks over \(MarkdownText.list(across.problems, limit: 20)). The intervals show how \
      much depends on the seeds; they do not cover other problems than these.

      \(table(AcrossColumns.table(across), across.methods, "across_problems.csv"))
      """
    if let pValue = across.friedmanPValue, let difference = across.criticalDifference {
      text += """

        Friedman's test that all methods rank alike: \(MarkdownText.pValue(pValue)). Two \
        methods differ where their convergence ranks are more than \
        \(NumberText.fixed(difference, digits: 1)) apart (Nemenyi).
        """
    } else {
      text += """

        With fewer than ten problems no test can say how methods would rank on other problems.
        """
    }
    if !across.unranked.isEmpty {
      text += """


        Not ranked, because runs are missing: \
        \(MarkdownText.list(across.unranked.map(\.label), limit: 20)).
        """
    }
    return text
  }

  // MARK: Definitions

  private var definitions: String {
    let metrics = analysis.problems.map(\.metrics)
    var list = DefinitionList()
    if !analysis.published.isEmpty {
      list.begin("Published figures")
      list.add(publishedColumns)
    }
    list.begin("Stability")
    list.add(StabilityColumns.failures)
    list.add(StabilityColumns.roughness)
    list.begin("Convergence")
    for metrics in metrics { list.add(ConvergenceColumns.quality(metrics)) }
    if analysis.problems.contains(where: \.problem.hasTarget) {
      list.add(ConvergenceColumns.speed)
    }
    list.begin("Ranking")
    for problem in analysis.problems { list.add(RankingColumns.combined(problem.ranking)) }
    list.begin("Learning rates")
    list.add(StabilityColumns.learningRates)
    for metrics in metrics { list.add(ConvergenceColumns.outOfTheBox(metrics)) }
    list.begin("Failures")
    list.add(FailureColumns.table)
    if let across = analysis.acrossProblems {
      list.begin("Across problems")
      list.add(AcrossColumns.table(across))
    }
    return """
      ## What the columns mean

      Square brackets hold \(NumberText.percent(analysis.options.confidence)) intervals. \
      \(NumberText.none) means that there is no such value. "failed" in place of a loss means that \
      failed runs decide the value.

      \(list.text)
      """
  }

  private var files: String {
    let across =
      analysis.acrossProblems == nil
      ? "" : "\n- [across_problems.csv](across_problems.csv): one row per method over all problems."
    let published =
      analysis.published.isEmpty
      ? "" : "\n- [published.csv](published.csv): one row per published figure."
    return """
      ## Files

      The same numbers with all their digits, for a spreadsheet or a script. Empty: no such value. \
      `inf`: failed runs decide the value. `nan`: not a number.

      - [runs.csv](runs.csv): one row per run.
      - [stability.csv](stability.csv), [convergence.csv](convergence.csv), \
      [ranking.csv](ranking.csv): one row per method; `scope` says which runs: the whole `grid`, the \
      `chosen` learning rates, or the `default` one.
      - [learning_rates.csv](learning_rates.csv): one row per method and learning rate.
      - [pairwise.csv](pairwise.csv): one row per pair of methods.
      - [failures.csv](failures.csv): failed runs by what happened.\(across)\(published)
      """
  }

  private func table<Row>(
    _ columns: [MarkdownColumn<Row>], _ rows: [Row], _ file: String, limit: Int = rowLimit
  ) -> String {
    MarkdownTable(columns, rows, limit: limit).text(restIn: file)
  }
}

extension [ConvergenceRow] {
  /// In the order of `methods`, the others last.
  fileprivate func sorted(like methods: [MethodAnalysis]) -> [ConvergenceRow] {
    func key(_ row: ConvergenceRow) -> Int {
      methods.firstIndex { $0.method == row.method } ?? .max
    }
    return indices.sorted { (key(self[$0]), $0) < (key(self[$1]), $1) }.map { self[$0] }
  }
}
