internal import Analysis
internal import Records

/// The findings on one problem, one sentence or two each.
struct ProblemSummary {
  private let problem: ProblemAnalysis

  init(_ problem: ProblemAnalysis) { self.problem = problem }

  var findings: [String] {
    [
      neverFailed, neverMoved, failed, MarkdownText.failures(byClipping: problem.clippings),
      lowestLoss,
      fastest, toldApart, combined, outOfTheBox,
    ]
    .compactMap { $0 }
  }

  private var stored: [MethodAnalysis] { problem.methods.filter { $0.stability.runs.done > 0 } }

  private var neverFailed: String? {
    let stable = stored.filter { $0.stability.runs.isStable }
    if stable.count == stored.count {
      return
        "**Never failed:** all \(NumberText.count(stored.count, "method")), at every learning rate."
    }
    if stable.isEmpty {
      let ways = neverMoved == nil ? "failed" : "failed or never moved"
      return "**Never failed:** no method; each \(ways) in some run."
    }
    return """
      **Never failed** at any learning rate: \(stable.count) of \
      \(NumberText.count(stored.count, "method")), \(names(of: stable)).
      """
  }

  private var neverMoved: String? {
    let still = stored.filter { $0.stability.runs.stoodStill > 0 }
    if still.isEmpty { return nil }
    let runs = still.reduce(0) { $0 + $1.stability.runs.stoodStill }
    return """
      **Never moved:** \(NumberText.count(runs, "run")) of \(names(of: still)), in which no step changed a \
      parameter; they do not count as stable.
      """
  }

  /// The methods' names; a clipping strategy under which every optimizer is among them is named once.
  private func names(of methods: [MethodAnalysis]) -> String {
    let labels = methods.map(\.method.label)
    if labels.count <= 8 { return MarkdownText.list(labels) }
    let whole = problem.clippings.map(\.name).filter { clipping in
      let all = stored.filter { $0.method.clipping == clipping }
      return all.count > 1 && all.allSatisfy { labels.contains($0.method.label) }
    }
    let rest = methods.filter { !whole.contains($0.method.clipping) }.map(\.method.label)
    let groups = whole.map { $0 == "none" ? "without clipping" : "with `\($0)`" }
    let text = groups.isEmpty ? [] : ["every optimizer " + groups.joined(separator: " and ")]
    return (text + (rest.isEmpty ? [] : [MarkdownText.list(rest)])).joined(separator: "; also ")
  }

  private var failed: String? {
    let failing = stored.filter { $0.stability.runs.failed > 0 }
      .sorted { rate($0) > rate($1) }
    guard !failing.isEmpty else { return nil }
    let shown = failing.prefix(3).map { "\n  - \(how($0))" }.joined()
    let rest = failing.dropFirst(3)
    let more =
      rest.isEmpty
      ? ""
      : "\n  - \(NumberText.count(rest.count, "more method")) failed "
        + "\(Self.comparison(rest.map(rate), with: rate(failing[2]))); see *Stability* below."
    return "**Failed most often:**\(shown)\(more)"
  }

  /// How often others failed beside one that failed as often or more often.
  private static func comparison(_ rates: [Double], with shown: Double) -> String {
    let equals = rates.count { $0 == shown }
    if equals == rates.count { return "just as often" }
    return equals == 0 ? "less often" : "as often or less often"
  }

  private func rate(_ method: MethodAnalysis) -> Double { method.stability.failureRate?.value ?? 0 }

  private func how(_ method: MethodAnalysis) -> String {
    let runs = method.stability.runs
    var text = """
      `\(method.method.label)` in \(NumberText.percent(rate(method))) of its runs \
      (\(runs.failed) of \(runs.done))
      """
    let failures = method.stability.failures
    if let low = failures.map(\.smallestLearningRate).min(),
      let high = failures.map(\.largestLearningRate).max()
    {
      text +=
        low == high
        ? ", all at the learning rate \(NumberText.rate(low))"
        : ", at learning rates from \(NumberText.rate(low)) to \(NumberText.rate(high))"
    }
    guard let typical = failures.first else { return text + "." }
    let often = typical.count == runs.failed ? "" : "mostly "
    text += ": \(often)\(typical.subject) \(typical.outcome.words)"
    if !typical.tensor.isEmpty { text += ", first in `\(typical.tensor)`" }
    // Whether a run ended worse than it began is known only at its end.
    if let step = typical.medianStep, typical.outcome != .worseThanStart {
      text += ", typically at step \(NumberText.fixed(step, digits: 0))"
    }
    return text + "."
  }

  private var lowestLoss: String? {
    let metric = problem.metrics.score
    let ordered = problem.methodsByLoss.compactMap { method in
      method.convergence.final(metric).map { (method, $0) }
    }
    guard let first = ordered.first else {
      return "**Lowest final loss:** none; at the best learning rates runs failed everywhere."
    }
    let next = ordered.dropFirst().prefix(2).map {
      "`\($0.0.method.label)` \(MarkdownText.value($0.1))"
    }
    let accuracy = first.0.convergence.final(.testAccuracy).map {
      " (test accuracy \(NumberText.fixed(100 * $0.value, digits: 1))%)"
    }
    return """
      **Lowest final \(metric.words)** at the best learning rate: \
      `\(first.0.method.label)` with \(MarkdownText.loss(first.1))\(accuracy ?? "")\
      \(next.isEmpty ? "" : "; then " + next.joined(separator: ", ")).
      """
  }

  private var fastest: String? {
    let ordered = problem.methodsBySpeed
    guard let first = ordered.first else { return nil }
    guard let target = first.convergence.target, target.reached > 0 else {
      let lead =
        problem.problem.hasTarget
        ? "**Fastest:** no run reached the target (\(problem.problem.targetWords)). "
        : "**Fastest:** "
      return lead
        + "The loss fell earliest with \(MarkdownText.list(ordered.prefix(3).map(\.method.label)))."
    }
    let all = ordered.prefix(3).compactMap { method in
      method.convergence.target.map {
        "`\(method.method.label)` (\(MarkdownText.evaluations($0.expectedRunningTime)))"
      }
    }
    let never = stored.filter { $0.convergence.target?.reached == 0 }
    let missed =
      never.isEmpty
      ? "" : " Never reached by \(MarkdownText.list(never.map(\.method.label), limit: 5))."
    return """
      **Fastest** to \(problem.problem.targetWords), in expected gradient evaluations: \
      \(all.joined(separator: ", ")).\(missed)
      """
  }

  private var toldApart: String? {
    let ranking = problem.ranking
    guard let best = ranking.best else { return nil }
    let others = ranking.methods.filter { $0.method != best }
    let bestRank = ranking.methods.first { $0.method == best }?.rank.convergence.value
    let leads =
      others.contains { $0.rank.convergence.value == bestRank }
      ? "shares the best convergence rank" : "has the best convergence rank"
    let leader = "`\(best.label)`, which \(leads)"
    if others.count > ranking.separableFromBest {
      let beaten = others.count { $0.seedsBehindBest == ranking.seeds.count }
      return """
        **Cannot be told apart:** \(NumberText.count(ranking.seeds.count, "seed")) cannot prove any \
        difference among \(NumberText.count(ranking.methods.count, "method")). Against \(leader), \
        \(beaten) of the \(others.count) others lose on every seed.
        """
    }
    let level = problem.options.significance
    let same = others.filter { ($0.pValueAgainstBest ?? 1) > level }
    let worse = others.count - same.count
    guard !same.isEmpty else {
      return """
        **Cannot be told apart** from \(leader): no other method; all end with a higher loss.
        """
    }
    let rest =
      worse == 0
      ? ""
      : " The other \(worse == 1 ? "one ends" : "\(worse) end") with a higher loss."
    return """
      **Cannot be told apart** by final loss from \(leader): \
      \(MarkdownText.list(same.map(\.method.label))).\(rest)
      """
  }

  private var combined: String? {
    let ranking = problem.ranking
    guard ranking.best != nil, let first = ranking.methods.first else { return nil }
    let leaders = ranking.methods.filter { $0.place == first.place }.map(\.method.label)
    return """
      **Stability and convergence together:** \(MarkdownText.list(leaders)) \
      \(leaders.count == 1 ? "comes" : "come") first, with a combined rank of \
      \(MarkdownText.rank(first.rank.combined)) among \
      \(NumberText.count(ranking.methods.count, "method")) (lower is better).
      """
  }

  private var outOfTheBox: String? {
    let ranking = problem.outOfTheBoxRanking
    guard ranking.methods.count > 1, ranking.best != nil, let first = ranking.methods.first else {
      return nil
    }
    let leaders = ranking.methods.filter { $0.place == first.place }.map(\.method.label)
    let failing = problem.methods.filter { ($0.outOfTheBox?.stability.runs.failed ?? 0) > 0 }
    let failures =
      failing.isEmpty
      ? "No run failed there."
      : "There runs failed with \(MarkdownText.list(failing.map(\.method.label), limit: 5))."
    return """
      **Without tuning**, at the default learning rates: \(MarkdownText.list(leaders)) \
      \(leaders.count == 1 ? "comes" : "come") first. \(failures)
      """
  }
}

extension FailureGroup {
  /// What the sentence about the failure is about.
  fileprivate var subject: String {
    switch what {
    case "": "the run"
    case "evaluation" where outcome == .worseThanStart: "the run"
    case "parameters": "the parameters"
    default: "the \(what)"
    }
  }
}
