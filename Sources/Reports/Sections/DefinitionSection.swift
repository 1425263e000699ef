internal import Analysis
internal import Records

/// What the columns of a report mean, each once, by table.
struct DefinitionSection {
  private let analysis: ExperimentAnalysis

  init(_ analysis: ExperimentAnalysis) { self.analysis = analysis }

  var blocks: [Block] {
    var list = DefinitionList()
    if !analysis.published.isEmpty {
      list.begin("Published figures")
      list.add(PublishedSection.columns(analysis))
    }
    if analysis.isRobust {
      addRobust(to: &list)
    } else {
      addGrid(to: &list)
    }
    return [
      .heading(2, "What the columns mean"),
      .paragraph(
        """
        Square brackets hold \(NumberText.percent(analysis.options.confidence)) intervals. \
        \(NumberText.none) means that there is no such value. "failed" in place of a loss means that \
        failed runs decide the value.
        """),
    ] + list.blocks
  }

  private func addRobust(to list: inout DefinitionList) {
    list.begin("Tables that lead the problems")
    for problem in analysis.problems { list.add(RobustColumns.leading(problem)) }
    list.begin("When the learning rate is misjudged")
    list.add(LadderColumns.table)
    list.begin("How the learning rates were tuned")
    list.add(TuningColumns.table)
    if analysis.problems.contains(where: { !($0.robust?.tunedOptions.isEmpty ?? true) }) {
      list.begin("How other options were tuned")
      list.add(SettingColumns.table)
    }
    list.begin("At the tuned rate")
    list.add(StabilityColumns.endings)
    list.add(StabilityColumns.roughness)
    for problem in analysis.problems { list.add(ConvergenceColumns.atTunedRate(problem.metrics)) }
    if analysis.problems.contains(where: \.problem.hasTarget) {
      list.add(ConvergenceColumns.speed)
    }
    list.add(FailureColumns.table)
  }

  private func addGrid(to list: inout DefinitionList) {
    let metrics = analysis.problems.map(\.metrics)
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
  }
}

/// Definitions by table; columns with the same definition share it.
private struct DefinitionList {
  private var sections: [(title: String, entries: [(titles: [String], definition: Prose)])] = []

  /// Starts the definitions of another table.
  mutating func begin(_ title: String) { sections.append((title, [])) }

  /// Adds what is not defined yet.
  mutating func add<Row>(_ columns: [Column<Row>]) {
    guard let section = sections.indices.last else { return }
    for column in columns {
      guard let definition = column.definition, !isDefined(column.title) else { continue }
      let entries = sections[section].entries
      if let index = entries.firstIndex(where: { $0.definition == definition }) {
        sections[section].entries[index].titles.append(column.title)
      } else {
        sections[section].entries.append(([column.title], definition))
      }
    }
  }

  private func isDefined(_ title: String) -> Bool {
    sections.contains { $0.entries.contains { $0.titles.contains(title) } }
  }

  var blocks: [Block] {
    sections.filter { !$0.entries.isEmpty }.flatMap { section -> [Block] in
      let lines = section.entries.map { entry -> Prose in
        let titles = entry.titles.map { Prose("\(strong: $0)") }
        return "\(titles.joined(separator: ", ")): \(entry.definition)"
      }
      return [.paragraph("\(emphasis: section.title)"), .list(lines)]
    }
  }
}
