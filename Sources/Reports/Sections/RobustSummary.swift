internal import Analysis
internal import Records

/// The findings of a robust experiment in plain words, for a reader who reads nothing else.
struct RobustSummary {
  private let analysis: ExperimentAnalysis

  init(_ analysis: ExperimentAnalysis) { self.analysis = analysis }

  private var found: [(problem: ProblemAnalysis, robust: RobustAnalysis)] {
    analysis.problems.compactMap { problem in
      problem.runs.done > 0 ? problem.robust.map { (problem, $0) } : nil
    }
  }

  var blocks: [Block] {
    var blocks: [Block] = [.heading(2, "Summary"), .paragraph(overview)]
    if analysis.problems.count == 1 {
      blocks += found.map { .list(RobustFindings($0.problem, $0.robust).items) }
    } else if !found.isEmpty {
      blocks += [
        .paragraph("Problem by problem (the details stand at the head of each problem's section):"),
        .table(Table("robust", Self.columns, found.map(\.problem))),
        .paragraph(
          """
          \(NumberText.count(found.count, "problem")) \(found.count < 8 ? "are too few to say" : "do not say") how methods would rank \
          on other problems, so no ranking over all of them is given.
          """),
      ]
    }
    let caveats = self.caveats
    if !caveats.isEmpty { blocks += [.paragraph("\(strong: "Caveats")"), .list(caveats)] }
    return blocks
  }

  private static let columns: [Column<ProblemAnalysis>] = [
    .text("problem", "Problem") { $0.problem.name },
    Column("Goes furthest, or may", isNumber: false) { problem in
      findings(problem).text { $0.first.map(\.method.label) }
    },
    Column("Lowest measured loss at the tuned rate", isNumber: false) { problem in
      let best = RobustRow.rows(problem).compactMap { row in row.values?.tunedLoss.map { (row, $0) }
      }
      .min { $0.1.value < $1.1.value }
      return Prose(best.text { "\($0.0.method.label), \(QuantityText.value($0.1))" })
    },
    Column("Baseline", isNumber: false) { problem in
      findings(problem).text { [$0.baseline?.method.label].compactMap { $0 } }
    },
    Column("Better than it", isNumber: false) { problem in
      findings(problem).text { _ in
        RobustRow.rows(problem).filter { $0.effect?.verdict == .better }.map(\.method.label)
      }
    },
  ]

  private static func findings(_ problem: ProblemAnalysis) -> RobustFindings? {
    problem.robust.map { RobustFindings(problem, $0) }
  }

  private var overview: Prose {
    guard let first = found.first?.robust else { return "No run is stored yet." }
    let optimizers = Set(first.planned.map(\.optimizer)).count
    let clippings = Set(first.planned.map(\.clipping)).count
    let place: Prose =
      analysis.problems.count == 1
      ? "on \(code: first.problem.name)" : "on each of \(analysis.problems.count) problems"
    let runs = analysis.runs
    let tuned = found.flatMap { $0.robust.methods.flatMap(\.tunedRuns) }
    let failed =
      runs.failed == 0
      ? "none failed"
      : "\(NumberText.grouped(runs.failed)) failed, \(NumberText.grouped(tuned.count(where: \.isFailed))) of them at a tuned rate"
    let missing: Prose =
      runs.missing == 0 ? "" : ", \(strong: "\(NumberText.grouped(runs.missing)) are missing")"
    let void: Prose =
      runs.void == 0
      ? ""
      : ", \(strong: "\(NumberText.grouped(runs.void)) could not be computed") because their objective failed"
    let options: Prose =
      tunedOptions.isEmpty ? "" : " and \(tunedOptions.listed(limit: 12)), as far as it has them,"
    return """
      \(NumberText.count(optimizers, "optimizer")) × \(NumberText.count(clippings, "clipping variant")), \
      \(NumberText.count(first.planned.count, "method")) in all, were compared \(place) by the \(emphasis: "robust protocol") (\(ExperimentAnalysis.robustProtocol)). \
      The learning rate\(options) of each method \
      \(tunedOptions.isEmpty ? "was" : "were") tuned with \(NumberText.count(first.tuningSeeds.count, "seed")), at most \
      \(first.cap) rates \(first.budget.map { "and \(NumberText.count($0.settings, "setting")) of the other options " } ?? "")each; then \(NumberText.count(first.evaluationSeeds.count, "other seed")) ran it at its own tuned rate and at \
      \(LadderColumns.multipleWords(StressLadder.multiples[0])) to \(LadderColumns.multipleWords(StressLadder.multiples[StressLadder.multiples.count - 1])) \
      of that, to see what a misjudged rate costs. Of \(NumberText.count(runs.planned, "planned run")), \
      \(NumberText.grouped(runs.done)) were done\(missing)\(void); \(failed).
      """
  }

  /// What was tuned beside the learning rate on any problem.
  private var tunedOptions: [String] {
    var names: [String] = []
    for name in found.flatMap(\.robust.tunedOptions) where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  // MARK: Caveats

  private var caveats: [Prose] {
    var caveats: [Prose] = [
      """
      The results hold for these problems, this budget and this split of the data, with the catalog's defaults of \
      everything that was not tuned.
      """
    ]
    if analysis.runs.missing > 0 {
      caveats.append(
        "\(NumberText.count(analysis.runs.missing, "planned run")) \(analysis.runs.missing == 1 ? "is" : "are") missing, and what they decide is not planned yet; run the experiment again to finish it."
      )
    }
    for (problem, robust) in found where !robust.unfinished.isEmpty {
      if let text = RobustFindings(problem, robust).unfinished {
        caveats.append(
          analysis.problems.count == 1 ? text : "\(code: problem.problem.name): \(text)")
      }
    }
    caveats += [
      caveat(
        "intervals take the settings that were chosen as given: other tuning seeds might have chosen others."
      ) { !$0.robust.tunedOptions.isEmpty },
      caveat("fewer than five evaluation seeds are few: hardly any difference can be proved.") {
        $0.robust.evaluationSeeds.count < 5
      },
      caveat("there is no validation split, so the training loss tuned the learning rates.") {
        $0.problem.metrics.selection != .validationLoss
      },
      caveat(
        "the problem has no lower bound, so there is no robust progress; ranks go by the tuned loss."
      ) {
        $0.robust.scale.lowerBound == nil
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
        "\(NumberText.count(stalled, "run")) ended early by a stop rule of the experiment (\(code: "stalled")); they do not count as failed."
      )
    }
    return caveats
  }

  /// The caveat with the names of the problems to which it applies, where it is not all of them.
  private func caveat(
    _ text: String, applies: ((problem: ProblemAnalysis, robust: RobustAnalysis)) -> Bool
  ) -> Prose? {
    let names = found.filter(applies).map(\.problem.problem.name)
    if names.isEmpty { return nil }
    return names.count == found.count
      ? Prose(text.capitalizedFirst) : "\(names.listed()): \(text)"
  }
}

extension ExperimentAnalysis {
  /// The protocol's name and version, as `docs/protocol.md` freezes it.
  static let robustProtocol = "optbench-robust v1"
}

extension RobustFindings? {
  /// Names of methods, or the sign for none.
  fileprivate func text(_ labels: (RobustFindings) -> [String]) -> Prose {
    let labels = map(labels) ?? []
    return labels.isEmpty ? Prose(NumberText.none) : Prose(labels.joined(separator: ", "))
  }
}
