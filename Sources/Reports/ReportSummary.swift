internal import Analysis
internal import Records

/// The findings in plain words, for a reader who reads nothing else.
struct ReportSummary {
  private let analysis: ExperimentAnalysis

  init(_ analysis: ExperimentAnalysis) { self.analysis = analysis }

  var text: String {
    let stored = analysis.problems.filter { $0.runs.done > 0 }
    var parts = ["## Summary", overview]
    if let only = stored.first, analysis.problems.count == 1 {
      parts.append(Self.list(ProblemSummary(only).findings))
    } else if !stored.isEmpty {
      parts.append(Self.list(findings))
      parts.append(
        "Problem by problem (the details stand at the head of each problem's section):\n\n"
          + MarkdownTable(Self.columns, stored).text(restIn: "ranking.csv").trimmingLineEnds)
    }
    let caveats = self.caveats
    if !caveats.isEmpty { parts.append("**Caveats**\n\n" + Self.list(caveats)) }
    return parts.joined(separator: "\n\n")
  }

  static func list(_ items: [String]) -> String {
    items.map { "- \($0)" }.joined(separator: "\n")
  }

  /// The findings over several problems.
  private var findings: [String] {
    let stored = analysis.methods.filter { $0.runs.done > 0 }
    let stable = stored.filter { $0.runs.isStable }
    let failing = stored.filter { $0.runs.failed > 0 }
      .sorted { ($0.failureRate?.value ?? 0) > ($1.failureRate?.value ?? 0) }
    var findings = [
      stable.isEmpty
        ? "**Never failed:** no method; each "
          + (analysis.runs.stoodStill == 0 ? "failed" : "failed or never moved") + " in some run."
        : "**Never failed** on any problem at any learning rate: \(stable.count) of "
          + "\(NumberText.count(stored.count, "method")), \(MarkdownText.list(stable.map(\.name)))."
    ]
    if !failing.isEmpty {
      let worst = failing.prefix(3).map { method in
        let share = method.failureRate.text { NumberText.percent($0.value) }
        return
          "`\(method.name)` in \(share) of its runs (\(method.runs.failed) of \(method.runs.done))"
      }
      findings.append("**Failed most often:** \(worst.joined(separator: ", ")).")
      let ways = Outcome.allCases.filter(\.isDiverged).compactMap { outcome in
        let count = analysis.runs.count(outcome)
        return count == 0 ? nil : "\(NumberText.grouped(count)) \(outcome.words)"
      }
      if !ways.isEmpty { findings.append("**How runs failed:** \(ways.joined(separator: ", ")).") }
    }
    findings += [MarkdownText.failures(byClipping: analysis.clippings), overall].compactMap { $0 }
    return findings
  }

  private static let columns: [MarkdownColumn<ProblemAnalysis>] = [
    MarkdownColumn("Problem", isNumber: false) { $0.problem.name },
    MarkdownColumn("Failed runs") { "\($0.runs.failed) of \($0.runs.done)" },
    MarkdownColumn("Stability and convergence together", isNumber: false) { problem in
      (problem.ranking.best == nil ? nil : problem.ranking.methods.first).text { $0.method.label }
    },
    MarkdownColumn("Lowest final loss", isNumber: false) { problem in
      problem.methodsByLoss.first.text { method in
        let loss = method.convergence.final(problem.metrics.score)
        return "\(method.method.label), \(MarkdownText.value(loss))"
      }
    },
    MarkdownColumn("Fastest", isNumber: false) { problem in
      // Where nobody reached the target, the order says who lowered the loss first: not who is fast.
      problem.methodsBySpeed.first.flatMap { method in
        problem.problem.hasTarget && method.convergence.target?.reached ?? 0 == 0 ? nil : method
      }.text { $0.method.label }
    },
  ]

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
      analysis.runs.failed == 0
      ? "none failed"
      : "\(NumberText.grouped(analysis.runs.failed)) failed (\(NumberText.percent(Double(analysis.runs.failed) / Double(analysis.runs.done))))"
    let missing =
      analysis.runs.missing == 0
      ? "" : ", **\(NumberText.grouped(analysis.runs.missing)) are missing**"
    return """
      \(what) were compared \(place), each with \(NumberText.count(first.seeds.count, "seed")) at \
      every learning rate of its grid. Of \(NumberText.count(analysis.runs.planned, "planned run")), \
      \(NumberText.grouped(analysis.runs.done)) were done\(missing); \(failed).
      """
  }

  private var overall: String? {
    guard let across = analysis.acrossProblems, let best = across.methods.first else { return nil }
    let next = across.methods.dropFirst().prefix(2).map {
      "`\($0.method.label)` (\(MarkdownText.rank($0.rank.combined)))"
    }
    return """
      **Stability and convergence together**, over all problems: `\(best.method.label)` has the best \
      mean rank, \(MarkdownText.rank(best.rank.combined)) among \
      \(NumberText.count(across.methods.count, "method")) (lower is better)\
      \(next.isEmpty ? "" : ". Then " + next.joined(separator: " and ")).
      """
  }

  // MARK: Caveats

  private var caveats: [String] {
    var caveats: [String] = []
    let missing = analysis.runs.missing
    if missing > 0 {
      caveats.append(
        """
        \(NumberText.count(missing, "planned run")) of \(NumberText.grouped(analysis.runs.planned)) \
        \(missing == 1 ? "is" : "are") missing. Methods are ranked only on seeds that are complete; \
        run the experiment again to finish it.\(unattributed)
        """)
    }
    caveats += [
      caveat(
        "there is only one seed. Nothing can be said about chance, and learning rates were chosen on the runs that are judged."
      ) {
        $0.seeds.count == 1
      },
      caveat(
        "fewer than five seeds are few: intervals are rough, and hardly any difference can be proved."
      ) {
        (2...4).contains($0.seeds.count)
      },
      caveat("there is no validation split, so the training loss chose the learning rates.") {
        $0.metrics.selection != .validationLoss
      },
    ].compactMap { $0 }
    let timedOut = analysis.runs.count(.timedOut)
    if timedOut > 0 {
      caveats.append(
        "\(NumberText.count(timedOut, "run")) ended at the time limit; how far they came depends on the machine."
      )
    }
    let stalled = analysis.runs.count(.stalled)
    if stalled > 0 {
      caveats.append(
        "\(NumberText.count(stalled, "run")) ended early by a stop rule of the experiment (`stalled`); they do not count as failed."
      )
    }
    return caveats
  }

  /// The caveat with the names of the problems to which it applies, where it is not all of them.
  private func caveat(_ text: String, applies: (ProblemAnalysis) -> Bool) -> String? {
    let stored = analysis.problems.filter { $0.runs.done > 0 }
    let names = stored.filter(applies).map(\.problem.name)
    if names.isEmpty { return nil }
    if names.count == stored.count { return text.capitalizedFirst }
    return "\(MarkdownText.list(names)): \(text)"
  }

  private var unattributed: String {
    analysis.unattributedRuns == 0
      ? ""
      : " Of \(NumberText.grouped(analysis.unattributedRuns)) of them nothing is stored that would tell which they are, so the tables do not list them."
  }
}
