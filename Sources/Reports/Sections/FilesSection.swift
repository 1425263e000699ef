internal import Analysis

/// The files beside the page.
struct FilesSection {
  private let analysis: ExperimentAnalysis

  init(_ analysis: ExperimentAnalysis) { self.analysis = analysis }

  var blocks: [Block] {
    var files = analysis.isRobust ? robust : grid
    files.append(
      "\(link: "report.json", to: "report.json"): all of them in one document, and the words of this page."
    )
    if analysis.acrossProblems != nil, !analysis.isRobust {
      files.append("\(link("across_problems")): one row per method over all problems.")
    }
    if !analysis.published.isEmpty {
      files.append("\(link("published")): one row per published figure.")
    }
    let seconds = analysis.isRobust ? " (with the seconds that a step of each method took)" : ""
    return [
      .heading(2, "Files"),
      .paragraph(
        """
        The same numbers with all their digits, for a spreadsheet or a script. Empty: no such value. \
        \(code: "inf"): failed runs decide the value. \(code: "nan"): not a number. A text that a spreadsheet would take for a \
        formula begins with an apostrophe.
        """),
      .list(files),
      .paragraph(
        """
        When and where the runs were made and how long they took is another whenever they are made again, and so \
        stands apart: \(code: "provenance.md")\(seconds) and \(code: "run_times.csv").
        """),
    ]
  }

  private var grid: [Prose] {
    [
      "\(link("runs")): one row per run.",
      """
      \(link("stability")), \(link("convergence")), \
      \(link("ranking")): one row per method; \(code: "scope") says which runs: the whole \(code: "grid"), the \
      \(code: "chosen") learning rates, or the \(code: "default") one.
      """,
      "\(link("learning_rates")): one row per method and learning rate.",
      "\(link("pairwise")): one row per pair of methods.",
      "\(link("failures")): failed runs by what happened.",
    ]
  }

  private var robust: [Prose] {
    let hasSettings = analysis.problems.contains { !($0.robust?.tunedOptions.isEmpty ?? true) }
    return [
      "\(link("robust")): one row per method, with every value of the tables that lead the problems.",
      "\(link("ladder")): one row per method and multiple of its tuned rate, with exact intervals of the shares.",
      "\(link("tuning")): one row per method and learning rate that tuning tried.",
      "\(link("runs")): one row per run; \(code: "purpose") and \(code: "multiple") say why it is there.",
      "\(link("audit")): one row per change that is no property of a method, and how far the order holds.",
      "\(link("stability")), \(link("convergence")), \(link("failures")): the runs at the tuned rates.",
    ]
      + (hasSettings
        ? ["\(link("settings")): one row per method and setting that tuning tried."] : [])
  }

  private func link(_ name: String) -> Prose { "\(link: "\(name).csv", to: "\(name).csv")" }
}
