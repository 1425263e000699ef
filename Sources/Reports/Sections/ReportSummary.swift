internal import Analysis
internal import Records

/// The findings in plain words, for a reader who reads nothing else.
struct ReportSummary {
  private let analysis: ExperimentAnalysis

  init(_ analysis: ExperimentAnalysis) { self.analysis = analysis }

  var blocks: [Block] {
    let stored = analysis.problems.filter { $0.runs.done > 0 }
    var blocks: [Block] = [.heading(2, "Summary"), .paragraph(overview)]
    if let only = stored.first, analysis.problems.count == 1 {
      blocks.append(.list(ProblemSummary(only).findings))
    } else if !stored.isEmpty {
      blocks.append(.list(findings))
      blocks.append(
        .paragraph(
          "Problem by problem (the details stand at the head of each problem's section):"))
      blocks.append(.table(Table("ranking", Self.columns, stored)))
    }
    let caveats = self.caveats
    if !caveats.isEmpty { blocks += [.paragraph("\(strong: "Caveats")"), .list(caveats)] }
    return blocks
  }

  /// The findings over several problems.
  private var findings: [Block.Item] {
    let stored = analysis.methods.filter { $0.runs.done > 0 }
    let stable = stored.filter { $0.runs.isStable }
    let ways = analysis.runs.stoodStill == 0 ? "failed" : "failed or never moved"
    let failing = stored.filter { $0.runs.failed > 0 }
      .sorted { ($0.failureRate?.value ?? 0) > ($1.failureRate?.value ?? 0) }
    var findings: [Block.Item] = [
      .init(
        stable.isEmpty
          ? "\(strong: "Never failed:") no method; each \(ways) in some run."
          : "\(strong: "Never failed") on any problem at any learning rate: \(stable.count) of \(NumberText.count(stored.count, "method")), \(stable.map(\.name).listed())."
      )
    ]
    if !failing.isEmpty {
      let worst = failing.prefix(3).map { method -> Prose in
        let share = method.failureRate.text { NumberText.percent($0.value) }
        return
          "\(code: method.name) in \(share) of its runs (\(method.runs.failed) of \(method.runs.done)\(rates(of: method)))"
      }
      findings.append(
        .init("\(strong: "Failed most often:") \(worst.joined(separator: ", ")).")
      )
      let ways = Outcome.allCases.filter(\.isDiverged).compactMap { outcome -> String? in
        let count = analysis.runs.count(outcome)
        return count == 0 ? nil : "\(NumberText.grouped(count)) \(outcome.words)"
      }
      if !ways.isEmpty {
        findings.append(
          .init("\(strong: "How runs failed:") \(ways.joined(separator: ", ")).")
        )
      }
    }
    findings += [ProblemSummary.failures(byClipping: analysis.clippings), overall]
      .compactMap { $0 }
    return findings
  }

  private func rates(of method: FactorAnalysis) -> String {
    FailureGroup.rates(
      of: analysis.problems.flatMap(\.methods).filter { $0.method.label == method.name }
        .flatMap(\.stability.failures))
  }

  private static let columns: [Column<ProblemAnalysis>] = [
    .text("problem", "Problem") { $0.problem.name },
    TallyColumns.failedOfDone("Failed runs").of(\.runs),
    Column("Stability and convergence together", isNumber: false) { problem in
      let first = problem.ranking.best == nil ? nil : problem.ranking.methods.first
      return Self.name(
        first.flatMap { ranked in
          problem.methods.first { $0.method == ranked.method }
        })
    },
    Column("Lowest final loss", isNumber: false) { problem in
      guard let method = problem.methodsByLoss.first else { return Self.name(nil) }
      let loss = method.convergence.final(problem.metrics.score)
      return "\(Self.name(method)), \(QuantityText.value(loss))"
    },
    Column("Fastest", isNumber: false) { problem in
      // Where nobody reached the target, the order says who lowered the loss first: not who is fast.
      Self.name(
        problem.methodsBySpeed.first.flatMap { method in
          problem.problem.hasTarget && method.convergence.target?.reached ?? 0 == 0 ? nil : method
        })
    },
  ]

  private static func name(_ method: MethodAnalysis?) -> Prose {
    Prose(method.text { "\($0.method.label) at \($0.chosenRates.text)" })
  }

  private var overview: Prose {
    let problems = analysis.problems.filter { $0.runs.done + $0.runs.void > 0 }
    guard let first = problems.first else { return "No run is stored yet." }
    let what =
      "\(NumberText.count(first.optimizers.count, "optimizer")) × "
      + "\(NumberText.count(first.clippings.count, "clipping variant")) = "
      + "\(NumberText.count(first.methods.count, "method"))"
    let place: Prose =
      problems.count == 1
      ? "on \(code: first.problem.name)"
      : "on each of \(problems.count) problems"
    let failed =
      analysis.runs.failed == 0
      ? "none failed"
      : "\(NumberText.grouped(analysis.runs.failed)) failed (\(NumberText.percent(Double(analysis.runs.failed) / Double(analysis.runs.done))))"
    let missing: Prose =
      analysis.runs.missing == 0
      ? "" : ", \(strong: "\(NumberText.grouped(analysis.runs.missing)) are missing")"
    let void: Prose =
      analysis.runs.void == 0
      ? ""
      : """
      , \(strong: "\(NumberText.grouped(analysis.runs.void)) could not be computed") because their \
      objective failed (\(code: "objective_failed"); they count in no rate, rank or mean)
      """
    return """
      \(what) were compared \(place), each with \(NumberText.count(first.seeds.count, "seed")) at \
      every learning rate of its grid. Of \(NumberText.count(analysis.runs.planned, "planned run")), \
      \(NumberText.grouped(analysis.runs.done)) were done\(missing)\(void); \(failed).
      """
  }

  private var overall: Block.Item? {
    guard let across = analysis.acrossProblems, let best = across.methods.first else { return nil }
    let others = across.methods.dropFirst().prefix(2).map { method -> Prose in
      "\(name(method)) (\(QuantityText.rank(method.rank.combined)))"
    }
    let next: Prose = others.isEmpty ? "" : ". Then \(others.joined(separator: " and "))"
    return .init(
      """
      \(strong: "Stability and convergence together"), over all problems: \(name(best)) has the best \
      mean rank, \(QuantityText.rank(best.rank.combined)) among \
      \(NumberText.count(across.methods.count, "method")) (lower is better)\(next).
      """)
  }

  /// The method with the learning rate of most seeds on each problem, in their order.
  private func name(_ method: CrossProblemMethod) -> Prose {
    let rates = analysis.chosenRates(of: method.method).map(NumberText.rate)
    return "\(code: method.method.label) at \(rates.joined(separator: ", "))"
  }

  // MARK: Caveats

  private var caveats: [Prose] {
    var caveats: [Prose] = []
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
    caveats += analysis.problems.compactMap(edges)
    let timedOut = analysis.runs.count(.timedOut)
    if timedOut > 0 {
      caveats.append(
        "\(NumberText.count(timedOut, "run")) ended at the time limit; how far they came depends on the machine."
      )
    }
    let stalled = analysis.runs.count(.stalled)
    if stalled > 0 {
      caveats.append(
        "\(NumberText.count(stalled, "run")) ended early by a stop rule of the experiment (\(code: "stalled")); they do not count as failed."
      )
    }
    return caveats
  }

  /// The methods whose rate was chosen at an end of the grid.
  private func edges(_ problem: ProblemAnalysis) -> Prose? {
    let methods = problem.methods.filter {
      $0.stability.runs.done > 0 && $0.chosenRates.first?.edge != nil
    }
    if methods.isEmpty { return nil }
    let place: Prose = analysis.problems.count == 1 ? "" : "\(code: problem.problem.name): "
    let verb = methods.count == 1 ? "has its" : "have their"
    return
      "\(place)\(NumberText.count(methods.count, "method")) of \(problem.methods.count) \(verb) best learning rate at the edge of the grid (↑, ↓), beyond which nothing was tried; a better one may lie there: \(methods.map(\.atChosenRates).listed(limit: 5))."
  }

  /// The caveat with the names of the problems to which it applies, where it is not all of them.
  private func caveat(_ text: String, applies: (ProblemAnalysis) -> Bool) -> Prose? {
    let stored = analysis.problems.filter { $0.runs.done > 0 }
    let names = stored.filter(applies).map(\.problem.name)
    if names.isEmpty { return nil }
    if names.count == stored.count { return Prose(text.capitalizedFirst) }
    return "\(names.listed()): \(text)"
  }

  private var unattributed: String {
    analysis.unattributedRuns == 0
      ? ""
      : " Of \(NumberText.grouped(analysis.unattributedRuns)) of them nothing is stored that would tell which they are, so the tables do not list them."
  }
}
