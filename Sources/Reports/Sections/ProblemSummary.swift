internal import Analysis
internal import Records

/// The findings on one problem, one sentence or two each. Whatever is said of a method says at which
/// learning rate.
struct ProblemSummary {
  private let problem: ProblemAnalysis

  init(_ problem: ProblemAnalysis) { self.problem = problem }

  var findings: [Block.Item] {
    [
      neverFailed, neverMoved, failed, Self.failures(byClipping: problem.clippings), lowestLoss,
      fastest,
      toldApart, combined, outOfTheBox,
    ]
    .compactMap { $0 }
  }

  /// What clipping changes, all optimizers together; nil where there is nothing to compare.
  static func failures(byClipping clippings: [FactorAnalysis]) -> Block.Item? {
    guard clippings.count > 1, clippings.contains(where: { $0.runs.failed > 0 }) else { return nil }
    let rates: [Prose] = clippings.compactMap { factor in
      factor.failureRate.map { "\(code: factor.name) \(NumberText.percent($0.value))" }
    }
    return .init(
      "\(strong: "Share of failed runs by clipping:") \(rates.joined(separator: ", ")).")
  }

  private var stored: [MethodAnalysis] { problem.methods.filter { $0.stability.runs.done > 0 } }

  /// `, from 0.001 to 1`, the ends of all grids.
  private var range: String {
    let rates = problem.methods.flatMap(\.grid)
    guard let low = rates.min(), let high = rates.max(), low < high else { return "" }
    return " from \(NumberText.rate(low)) to \(NumberText.rate(high))"
  }

  private var neverFailed: Block.Item? {
    let stable = stored.filter { $0.stability.runs.isStable }
    if stable.count == stored.count {
      return .init(
        "\(strong: "Never failed:") all \(NumberText.count(stored.count, "method")), at every learning rate\(range)."
      )
    }
    if stable.isEmpty {
      let ways = neverMoved == nil ? "failed" : "failed or never moved"
      return .init("\(strong: "Never failed:") no method; each \(ways) in some run.")
    }
    return .init(
      """
      \(strong: "Never failed") at any learning rate\(range): \(stable.count) of \
      \(NumberText.count(stored.count, "method")), \(names(of: stable)).
      """)
  }

  private var neverMoved: Block.Item? {
    let still = stored.filter { $0.stability.runs.stoodStill > 0 }
    if still.isEmpty { return nil }
    let runs = still.reduce(0) { $0 + $1.stability.runs.stoodStill }
    return .init(
      """
      \(strong: "Never moved:") \(NumberText.count(runs, "run")) of \(names(of: still)), in which no step changed a \
      parameter; they do not count as stable.
      """)
  }

  /// The methods' names; a clipping strategy under which every optimizer is among them is named once.
  private func names(of methods: [MethodAnalysis]) -> Prose {
    let labels = methods.map(\.method.label)
    if labels.count <= 8 { return labels.listed() }
    let whole = problem.clippings.map(\.name).filter { clipping in
      let all = stored.filter { $0.method.clipping == clipping }
      return all.count > 1 && all.allSatisfy { labels.contains($0.method.label) }
    }
    let rest = methods.filter { !whole.contains($0.method.clipping) }.map(\.method.label)
    let groups: [Prose] = whole.map { $0 == "none" ? "without clipping" : "with \(code: $0)" }
    let text: [Prose] =
      groups.isEmpty ? [] : ["every optimizer \(groups.joined(separator: " and "))"]
    return (text + (rest.isEmpty ? [] : [rest.listed()])).joined(separator: "; also ")
  }

  private var failed: Block.Item? {
    let failing = stored.filter { $0.stability.runs.failed > 0 }
      .sorted { rate($0) > rate($1) }
    guard !failing.isEmpty else { return nil }
    var items = failing.prefix(3).map(how)
    let rest = failing.dropFirst(3)
    if !rest.isEmpty {
      items.append(
        "\(NumberText.count(rest.count, "more method")) failed \(Self.comparison(rest.map(rate), with: rate(failing[2]))); see \(emphasis: "Stability") below."
      )
    }
    return .init("\(strong: "Failed most often:")", items: items)
  }

  /// How often others failed beside one that failed as often or more often.
  private static func comparison(_ rates: [Double], with shown: Double) -> String {
    let equals = rates.count { $0 == shown }
    if equals == rates.count { return "just as often" }
    return equals == 0 ? "less often" : "as often or less often"
  }

  private func rate(_ method: MethodAnalysis) -> Double { method.stability.failureRate?.value ?? 0 }

  private func how(_ method: MethodAnalysis) -> Prose {
    let runs = method.stability.runs
    var text: Prose = """
      \(code: method.method.label) in \(NumberText.percent(rate(method))) of its runs \
      (\(runs.failed) of \(runs.done))\(FailureGroup.rates(of: method.stability.failures))
      """
    guard let typical = method.stability.failures.first else { return text + "." }
    let often = typical.count == runs.failed ? "" : "mostly "
    text += ": \(often)\(typical.subject) \(typical.outcome.words)"
    if !typical.tensor.isEmpty { text += ", first in \(code: typical.tensor)" }
    // Whether a run ended worse than it began is known only at its end.
    if let step = typical.medianStep, typical.outcome != .worseThanStart {
      text += ", typically at step \(NumberText.fixed(step, digits: 0))"
    }
    return text + "."
  }

  private var lowestLoss: Block.Item? {
    let metric = problem.metrics.score
    let ordered = problem.methodsByLoss.compactMap { method in
      method.convergence.final(metric).map { (method, $0) }
    }
    guard let first = ordered.first else {
      return .init(
        "\(strong: "Lowest final loss:") none; at the best learning rates runs failed everywhere.")
    }
    let others = ordered.dropFirst().prefix(2).map { method, loss -> Prose in
      "\(method.atChosenRates) with \(QuantityText.value(loss))"
    }
    let next: Prose = others.isEmpty ? "" : "; then \(others.joined(separator: ", "))"
    let accuracy = first.0.convergence.final(.testAccuracy).map {
      " (test accuracy \(QuantityText.accuracy($0)))"
    }
    return .init(
      """
      \(strong: "Lowest final \(metric.words)") at the best learning rate: \
      \(first.0.atChosenRates) with \(QuantityText.loss(first.1))\(accuracy ?? "")\(next).
      """)
  }

  private var fastest: Block.Item? {
    let ordered = problem.methodsBySpeed
    guard let first = ordered.first else { return nil }
    guard let target = first.convergence.target, target.reached > 0 else {
      let lead: Prose =
        problem.problem.hasTarget
        ? "\(strong: "Fastest:") no run reached the target (\(problem.problem.targetWords)). "
        : "\(strong: "Fastest:") "
      return .init(
        "\(lead)The loss fell earliest with \(ordered.prefix(3).map(\.atChosenRates).listed()).")
    }
    let all = ordered.prefix(3).compactMap { method in
      method.convergence.target.map { target -> Prose in
        "\(method.atChosenRates) (\(QuantityText.evaluations(target.expectedRunningTime)))"
      }
    }
    let never = stored.filter { $0.convergence.target?.reached == 0 }
    let missed: Prose =
      never.isEmpty ? "" : " Never reached by \(never.map(\.atChosenRates).listed(limit: 5))."
    return .init(
      """
      \(strong: "Fastest") to \(problem.problem.targetWords), in expected gradient evaluations: \
      \(all.joined(separator: ", ")).\(missed)
      """)
  }

  private var toldApart: Block.Item? {
    let ranking = problem.ranking
    guard let best = ranking.best else { return nil }
    let others = ranking.methods.filter { $0.method != best }
    let bestRank = ranking.methods.first { $0.method == best }?.rank.convergence.value
    let leads =
      others.contains { $0.rank.convergence.value == bestRank }
      ? "shares the best convergence rank" : "has the best convergence rank"
    let leader: Prose = "\(named(best)), which \(leads)"
    if others.count > ranking.separableFromBest {
      let beaten = others.count { $0.seedsBehindBest == ranking.seeds.count }
      return .init(
        """
        \(strong: "Cannot be told apart:") \(NumberText.count(ranking.seeds.count, "seed")) cannot prove any \
        difference among \(NumberText.count(ranking.methods.count, "method")). Against \(leader), \
        \(beaten) of the \(others.count) others lose on every seed.
        """)
    }
    let level = problem.options.significance
    let same = others.filter { ($0.pValueAgainstBest ?? 1) > level }
    let worse = others.count - same.count
    guard !same.isEmpty else {
      return .init(
        """
        \(strong: "Cannot be told apart") from \(leader): no other method; all end with a higher loss.
        """)
    }
    let rest =
      worse == 0
      ? ""
      : " The other \(worse == 1 ? "one ends" : "\(worse) end") with a higher loss."
    return .init(
      """
      \(strong: "Cannot be told apart") by final loss from \(leader): \
      \(same.map { named($0.method) }.listed()).\(rest)
      """)
  }

  private var combined: Block.Item? {
    let ranking = problem.ranking
    guard ranking.best != nil, let first = ranking.methods.first else { return nil }
    let leaders = ranking.methods.filter { $0.place == first.place }.map { named($0.method) }
    return .init(
      """
      \(strong: "Stability and convergence together:") \(leaders.listed()) \
      \(leaders.count == 1 ? "comes" : "come") first, with a combined rank of \
      \(QuantityText.rank(first.rank.combined)) among \
      \(NumberText.count(ranking.methods.count, "method")) (lower is better).
      """)
  }

  private var outOfTheBox: Block.Item? {
    let ranking = problem.outOfTheBoxRanking
    guard ranking.methods.count > 1, ranking.best != nil, let first = ranking.methods.first else {
      return nil
    }
    let leaders = ranking.methods.filter { $0.place == first.place }
      .map { atDefaultRate($0.method) }
    let failing = problem.methods.filter { ($0.outOfTheBox?.stability.runs.failed ?? 0) > 0 }
    let failures: Prose =
      failing.isEmpty
      ? "No run failed there."
      : "There runs failed with \(failing.map { atDefaultRate($0.method) }.listed(limit: 5))."
    let without = problem.methods.count - ranking.methods.count
    let left =
      without == 0
      ? ""
      : " \(without) of \(NumberText.count(problem.methods.count, "method")) are not compared: see \"Out of the box\" under Learning rates."
    return .init(
      """
      \(strong: "Without tuning"), at the default learning rates: \(leaders.listed()) \
      \(leaders.count == 1 ? "comes" : "come") first. \(failures)\(left)
      """)
  }

  private func named(_ method: Method) -> Prose {
    problem.methods.first { $0.method == method }?.atChosenRates ?? "\(code: method.label)"
  }

  private func atDefaultRate(_ method: Method) -> Prose {
    let box = problem.methods.first { $0.method == method }?.outOfTheBox
    return "\(code: method.label) at \(box.text { NumberText.rate($0.learningRate) })"
  }
}

extension MethodAnalysis {
  /// `adam` at 0.01: the method at the learning rates that were chosen.
  var atChosenRates: Prose {
    chosenRates.isEmpty ? "\(code: method.label)" : "\(code: method.label) at \(chosenRates.text)"
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

  /// `, at learning rates from 0.1 to 1`.
  static func rates(of failures: [FailureGroup]) -> String {
    guard let low = failures.map(\.smallestLearningRate).min(),
      let high = failures.map(\.largestLearningRate).max()
    else { return "" }
    return low == high
      ? ", all at the learning rate \(NumberText.rate(low))"
      : ", at learning rates from \(NumberText.rate(low)) to \(NumberText.rate(high))"
  }
}
