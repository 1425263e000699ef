internal import Analysis
internal import Records

/// The findings in plain words, for a reader who reads nothing else.
struct ReportSummary {
  private let analysis: ExperimentAnalysis

  init(_ analysis: ExperimentAnalysis) { self.analysis = analysis }

  var text: String {
    var parts = ["## Summary", overview]
    for problem in analysis.problems where problem.runs.done > 0 {
      let findings = ProblemSummary(problem).findings.map { "- \($0)" }.joined(separator: "\n")
      parts.append(
        analysis.problems.count == 1 ? findings : "### \(problem.problem.name)\n\n\(findings)")
    }
    if let across = analysis.acrossProblems, let text = overall(across) { parts.append(text) }
    let caveats = self.caveats
    if !caveats.isEmpty {
      parts.append("### Caveats\n\n" + caveats.map { "- \($0)" }.joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  private var overview: String {
    let problems = analysis.problems.filter { $0.runs.done > 0 }
    guard let first = problems.first else { return "No run is stored yet." }
    let what =
      "\(NumberText.count(first.optimizers.count, "optimizer")) × "
      + "\(NumberText.count(first.clippings.count, "clipping variant")) = "
      + "\(NumberText.count(first.methods.count, "method"))"
    let place =
      problems.count == 1
      ? "on `\(first.problem.name)`"
      : "on each of \(problems.count) problems"
    let failed =
      analysis.failedRuns == 0
      ? "none failed"
      : "\(NumberText.grouped(analysis.failedRuns)) failed (\(NumberText.percent(Double(analysis.failedRuns) / Double(analysis.doneRuns))))"
    let missing =
      analysis.missingRuns == 0
      ? "" : ", **\(NumberText.grouped(analysis.missingRuns)) are missing**"
    return """
      \(what) were compared \(place), each with \(NumberText.count(first.seeds.count, "seed")) at \
      every learning rate of its grid. Of \(NumberText.count(analysis.plannedRuns, "planned run")), \
      \(NumberText.grouped(analysis.doneRuns)) were done\(missing); \(failed).
      """
  }

  private func overall(_ across: CrossProblemAnalysis) -> String? {
    guard let best = across.methods.first else { return nil }
    let next = across.methods.dropFirst().prefix(2).map {
      "`\($0.method.label)` (\(MarkdownText.rank($0.rank.combined)))"
    }
    return """
      ### Over all problems

      - **Stability and convergence together:** `\(best.method.label)` has the best mean rank, \
      \(MarkdownText.rank(best.rank.combined)) among \
      \(NumberText.count(across.methods.count, "method"))\
      \(next.isEmpty ? "" : ", followed by " + next.joined(separator: " and ")). 1 would be best everywhere.
      """
  }

  private var caveats: [String] {
    var caveats: [String] = []
    if analysis.missingRuns > 0 {
      caveats.append(
        """
        \(NumberText.count(analysis.missingRuns, "planned run")) of \
        \(NumberText.grouped(analysis.plannedRuns)) \(analysis.missingRuns == 1 ? "is" : "are") \
        missing. Methods are ranked only on seeds that are complete; run the experiment again to \
        finish it.\(unattributed)
        """)
    }
    for problem in analysis.problems where problem.runs.done > 0 {
      let name = analysis.problems.count == 1 ? "" : "`\(problem.problem.name)`: "
      if problem.seeds.count == 1 {
        caveats.append(
          "\(name)There is only one seed. Nothing can be said about chance, and learning rates were chosen on the runs that are judged."
        )
      } else if problem.seeds.count < 5 {
        caveats.append(
          "\(name)\(problem.seeds.count) seeds are few: intervals are rough, and hardly any difference can be proved."
        )
      }
      if problem.metrics.selection != .validationLoss {
        caveats.append(
          "\(name)There is no validation split; learning rates were chosen by the training loss.")
      }
      let timedOut = problem.runs.count(.timedOut)
      if timedOut > 0 {
        caveats.append(
          "\(name)\(NumberText.count(timedOut, "run")) ended at the time limit; how far they came depends on the machine."
        )
      }
      let stalled = problem.runs.count(.stalled)
      if stalled > 0 {
        caveats.append(
          "\(name)\(NumberText.count(stalled, "run")) ended early by a stop rule of the experiment (`stalled`); they do not count as failed."
        )
      }
    }
    return caveats
  }

  private var unattributed: String {
    analysis.unattributedRuns == 0
      ? ""
      : " Of \(NumberText.grouped(analysis.unattributedRuns)) of them nothing is stored that would tell which they are, so the tables do not list them."
  }
}
