public import Analysis
internal import Foundation
internal import Records

/// A recommendation in words, for a terminal.
public enum RecommendationText {
  /// One problem's: what to take, why, what else would do, what was left out.
  ///
  /// - Parameter training: With what all runs trained, such as `300 steps, schedule cosine`.
  public static func render(_ recommendation: Recommendation, training: String) -> String {
    let analysis = recommendation.analysis
    let constraint = recommendation.constraint
    var lines = ["\(analysis.problem.name): \(analysis.problem.summary)"]
    func add(_ head: String, _ text: String) {
      lines.append("  " + head.padding(toLength: 10, withPad: " ", startingAt: 0) + text)
    }
    let multiple = NumberText.rate(constraint.multiple)
    let asked =
      "useful at \(multiple)× its rate in at least \(NumberText.percent(constraint.usefulShare)) of "
      + "runs, \(NumberText.percent(constraint.confidence)) sure"
    if let choice = recommendation.choice {
      add("take", describe(choice.method, analysis.scale))
      add("trained", training)
      add(
        "because",
        "\(share(choice)) useful at \(multiple)×, so at least "
          + "\(NumberText.percent(choice.leastShare)) of runs (asked: \(asked)); the lowest tuned loss of "
          + "the \(NumberText.count(1 + recommendation.alternatives.count + recommendation.beaten.count, "method")) that are"
      )
      add("margins", margins(choice.method))
      let equivalent = recommendation.alternatives.filter(\.isEquivalent)
      if !equivalent.isEmpty {
        add(
          "or",
          list(equivalent.map { rated($0.candidate.method) })
            + ": as good, within \(NumberText.percent(RobustComparison.margin)) of its progress")
      }
      let open = recommendation.alternatives.filter { !$0.isEquivalent }
      for alternative in open.prefix(4) {
        let more = alternative.seedsNeeded.map { needed in
          "; about \(needed - analysis.evaluationSeeds.count) more would settle whether it matters"
        }
        add(
          "perhaps",
          describe(alternative.candidate.method, analysis.scale)
            + ": not told apart by \(analysis.evaluationSeeds.count) seeds\(more ?? "")")
      }
      if open.count > 4 {
        add("perhaps", list(open.dropFirst(4).map { rated($0.candidate.method) }) + ": likewise")
      }
    } else {
      add("take", "nothing: no method is shown to be \(asked)")
      if let needed = recommendation.seedsNeeded, let nearest = recommendation.excluded.first {
        add(
          "but",
          "\(describe(nearest.method, analysis.scale)): all \(nearest.rung.runs) runs were useful; "
            + "\(needed - nearest.rung.runs) more seeds would settle it if they are too")
      }
    }
    if !recommendation.beaten.isEmpty {
      add("worse", list(recommendation.beaten.map(\.method.method.label)))
    }
    if !recommendation.excluded.isEmpty {
      add(
        "left out",
        list(
          recommendation.excluded.map { "\($0.method.method.label) (\(share($0)))" })
          + ": not \(asked)")
    }
    if !recommendation.untrained.isEmpty {
      add(
        "no rate",
        list(recommendation.untrained.map(\.method.label))
          + ": less than a tenth of the possible progress at any rate tried")
    }
    if !analysis.unfinished.isEmpty {
      add("unjudged", list(analysis.unfinished.map(\.label)) + ": runs are missing")
    }
    return lines.joined(separator: "\n")
  }

  /// What no recommendation can know.
  public static let limits =
    "Holds for these problems, budgets and splits, at catalog defaults of all that the file neither "
    + "sets nor tunes; docs/protocol.md says what useful means."

  /// The methods that meet the constraint on every problem; nil for a single one.
  public static func everywhere(_ recommendations: [Recommendation]) -> String? {
    guard recommendations.count > 1 else { return nil }
    let meeting = recommendations.map { recommendation in
      ([recommendation.choice].compactMap { $0 } + recommendation.alternatives.map(\.candidate)
        + recommendation.beaten).map(\.method.method.label)
    }
    let common = meeting[0].filter { label in meeting.allSatisfy { $0.contains(label) } }
    let among = recommendations.map { recommendation in
      ([recommendation.choice].compactMap { $0 } + recommendation.alternatives.map(\.candidate))
        .map(\.method.method.label)
    }
    let best = common.filter { label in among.allSatisfy { $0.contains(label) } }
    if common.isEmpty {
      return "On all \(recommendations.count) problems: no method meets the constraint everywhere."
    }
    return "On all \(recommendations.count) problems: \(list(common)) "
      + "\(common.count == 1 ? "meets" : "meet") the constraint"
      + (best.isEmpty
        ? "; none is with the best on each."
        : "; with the best on each: \(list(best)).")
  }

  private static func share(_ candidate: Recommendation.Candidate) -> String {
    "\(candidate.rung.useful) of \(candidate.rung.runs)"
  }

  private static func describe(_ method: RobustMethod, _ scale: ProgressScale) -> String {
    let rate = method.tunedRate.map { " at learning rate \(NumberText.rate($0))" } ?? ""
    let loss = NumberText.significant(scale.loss(at: method.tunedPosition))
    let flag = method.isTuningComplete ? "" : ", tuning incomplete"
    return "\(method.method.label)\(rate)\(method.settingWords) (tuned loss \(loss)\(flag))"
  }

  private static func rated(_ method: RobustMethod) -> String {
    method.method.label + (method.tunedRate.map { " at \(NumberText.rate($0))" } ?? "")
      + method.settingWords
  }

  private static func margins(_ method: RobustMethod) -> String {
    guard let ladder = method.ladder else { return "" }
    let rungs = ladder.rungs[StressLadder.tuned...].map { rung in
      "\(NumberText.rate(rung.multiple))×: \(rung.useful) useful, \(rung.useless) useless, "
        + "\(rung.failed) failed"
    }
    return rungs.joined(separator: "; ")
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(8)
    let rest = names.count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
