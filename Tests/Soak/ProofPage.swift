import Analysis
import Records
import Reports
import Statistics

/// The proof of the gate as a page.
struct ProofPage {
  let header: ExperimentHeader
  let policy: GatePolicy
  let equalCode: EqualCodeTrial
  let fixedBaselines: FixedBaselineTrial
  let controls: [MutantTrial]
  let mutants: [MutantTrial]
  /// The gate between equal seeds on other instruction sets.
  let otherInstructionSets: [(isa: String, comparison: GateComparison, exact: ExactComparison)]
  let settings: Int

  var text: String {
    [
      introduction, equalCodeSection, fixedBaselineSection, instructionSetSection, mutantSection,
      missSection,
    ]
    .joined(separator: "\n\n") + "\n"
  }

  private var introduction: String {
    """
    # What the gate catches, and how often it is wrong

    Written by `make soak` on \(header.provenance.cpu) (\(header.provenance.isa)), optbench \
    \(header.provenance.optbenchVersion). The experiment is [experiments/gate.yml](../experiments/gate.yml) \
    (\(settings) cells × \(seedsOfMutants) seeds), the policy \
    [experiments/gate.policy.yml](../experiments/gate.policy.yml): \
    \(equalCode.alarmsByMetric.count) metrics, significance \(NumberText.percent(policy.significance)), unannounced \
    improvements fail. The mutants, and which of them are material, are listed in \
    [Tests/Soak](../Tests/Soak); they are in no build but that of `make soak`.
    """
  }

  private var seedsOfMutants: Int { mutants.first?.statistical.seeds ?? 0 }

  private var equalCodeSection: String {
    let trial = equalCode
    let rows = trial.alarmsByMetric.map { "| \($0.metric.title) | \($0.alarms) |" }
    return """
      ## False alarms: equal code on different seeds

      \(trial.seeds) seeds were run once. Each comparison draws \(trial.size) pairs of seeds and, for each \
      pair, which of the two is the baseline; given the runs, such comparisons are independent draws of a \
      test that is exact under just this randomisation (see the \
      [decision](decisions/070-the-gate-flips-whole-seeds.md)).

      **\(NumberText.grouped(trial.alarms)) of \(NumberText.grouped(trial.comparisons)) comparisons failed: \
      \(share(trial.alarms, trial.comparisons)); stated: at most \(NumberText.percent(trial.significance)).**

      | Metric | Comparisons it failed |
      | :--- | ---: |
      \(rows.joined(separator: "\n"))
      """
  }

  private var fixedBaselineSection: String {
    let trial = fixedBaselines
    let above = Int((trial.share(above: policy.significance) * Double(trial.rates.count)).rounded())
    return """
      ### One baseline, kept

      With `pairing: order` a baseline of \(trial.size) seeds is held against results of other seeds again and \
      again, and the share above is that over baselines. Of \(trial.rates.count) baselines from the same runs, each \
      held against \(trial.comparisonsOfEach) draws of \(trial.size) of the other seeds, \
      **\(percent(trial.mean)) of comparisons failed on average, and \(percent(trial.highest)) with the least lucky \
      baseline**; \(above) baselines failed more often than stated. With `pairing: seed` and equal seeds equal code \
      gives equal numbers, and no baseline is unlucky.
      """
  }

  private var instructionSetSection: String {
    guard !otherInstructionSets.isEmpty else {
      return "## Equal code on other instruction sets\n\nNot measured in this run."
    }
    let rows = otherInstructionSets.map { result in
      let worst = result.comparison.metrics.map(\.worsening.adjustedPValue).min() ?? 1
      let words = Self.counts(result.comparison.metrics.map { Self.word($0.verdict) })
      return "| \(result.isa) | \(result.exact.differences.count) of \(result.exact.runs) "
        + "| \(words) | \(NumberText.significant(worst, digits: 2)) "
        + "| \(result.comparison.isPassed ? "passed" : "failed") |"
    }
    return """
      ## Equal code and equal seeds on other instruction sets

      What another machine does to the numbers: rounding differs, and runs at the edge of stability part.

      | oneDNN limited to | Runs that differ | Metrics | Smallest p | Gate |
      | :--- | ---: | :--- | ---: | :--- |
      \(rows.joined(separator: "\n"))
      """
  }

  private var mutantSection: String {
    let changing = mutants.filter(\.changesNumbers)
    let exactly = changing.count { $0.isCaughtExactly }
    let material = mutants.filter(\.mutant.weight.isMaterial)
    let caught = material.count { $0.isCaughtStatistically }
    let asRegression = material.count { $0.isCaughtAsRegression }
    let rules = mutants.filter { ["optimizer", "clipping"].contains($0.place) }
    let slight = mutants.filter { !$0.mutant.weight.isMaterial }
    let slightCaught = slight.count { $0.isCaughtStatistically }
    let quiet = controls.count { !$0.changesNumbers && !$0.isCaughtExactly }
    return """
      ## Mutants

      - Exact mode: **\(exactly) of \(changing.count)** mutants that change a number are caught \
      (\(mutants.count) tried).
      - Statistical mode, \(seedsOfMutants) seeds: **\(caught) of \(material.count)** material mutants are \
      caught: \(share(caught, material.count)); \(asRegression) of them for something that got worse or \
      changed, the others for an improvement only. Of the \(slight.count) slight ones, of which no verdict \
      was expected, \(slightCaught).
      - Update rules, which take no training: \(rules.count { $0.isCaughtByRule }) of the \(rules.count) mutants of \
      optimizers and clips are caught, each by the first of \(UpdateTrace.steps) updates that differs.
      - Controls: \(quiet) of \(controls.count) alterations that hand everything through leave every bit as \
      it was.

      | Mutant | Mistake | Weight | Exact mode: the first difference | Update rule | Statistical mode |
      | :--- | :--- | :--- | :--- | :--- | :--- |
      \(mutants.map(row).joined(separator: "\n"))
      """
  }

  private func row(_ trial: MutantTrial) -> String {
    let weight =
      "\(trial.mutant.weight.isMaterial ? "**material**" : "slight"): \(trial.mutant.weight.reason)"
    let cells = [
      "\(trial.place): `\(trial.mutant.name)`", trial.mutant.mistake, weight, exactText(trial),
      ruleText(trial), statisticalText(trial),
    ]
    return "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |"
  }

  private func exactText(_ trial: MutantTrial) -> String {
    guard let first = trial.exact.differences.first else {
      return trial.changesNumbers ? "**missed**" : "no number changes"
    }
    let place =
      switch first.place {
      case .start(let what): what
      case .step(let step, let series): "step \(step), \(series)"
      case .evaluation(let step, let metric): "evaluation \(step), \(metric)"
      case .summary(let what): what
      }
    return "\(place); \(trial.exact.differences.count) runs"
  }

  private func ruleText(_ trial: MutantTrial) -> String {
    let changes = trial.statistical.updateRules.changes
    guard let first = changes.map(\.step).min() else { return "as before" }
    return "step \(first); \(changes.count) methods"
  }

  private func statisticalText(_ trial: MutantTrial) -> String {
    let comparison = trial.statistical
    var parts = comparison.obstacles.map { Self.word($0) }
    for verdict in [GateVerdict.regressed, .changed, .improved] {
      let metrics = comparison.metrics.filter { $0.verdict == verdict }
      if metrics.isEmpty { continue }
      parts.append(
        "\(Self.word(verdict)): \(metrics.map { $0.metric.title.lowercased() }.joined(separator: ", "))"
      )
    }
    if trial.isCaughtStatistically { return parts.joined(separator: "; ") }
    return trial.mutant.weight.isMaterial ? "**missed**" : "passed"
  }

  private var missSection: String {
    let missed = mutants.filter { $0.mutant.weight.isMaterial && !$0.isCaughtStatistically }
    if missed.isEmpty { return "## Misses\n\nNone of the material mutants was missed." }
    let lines = missed.map { trial in
      let reason = Mutant.explanations[trial.mutant.name] ?? "not explained yet"
      return "- `\(trial.mutant.name)`: \(reason)"
    }
    return "## Misses\n\n" + lines.joined(separator: "\n")
  }

  private func share(_ count: Int, _ total: Int) -> String {
    let interval = clopperPearson(successes: count, trials: total)
    let rate = total == 0 ? 0 : Double(count) / Double(total)
    return "\(percent(rate)) [\(percent(interval.lower)), \(percent(interval.upper))]"
  }

  private func percent(_ share: Double) -> String {
    NumberText.fixed(100 * share, digits: 1) + "%"
  }

  private static func word(_ verdict: GateVerdict) -> String {
    switch verdict {
    case .identical: "identical"
    case .equivalent: "equivalent"
    case .improved: "improved"
    case .regressed: "regressed"
    case .changed: "changed"
    case .undecided: "not enough runs"
    case .notApplicable: "not applicable"
    }
  }

  private static func word(_ obstacle: GateObstacle) -> String {
    switch obstacle {
    case .otherSpec, .otherProblem: "another experiment"
    case .incomplete, .missingRuns, .nothingInCommon: "missing runs"
    case .missingSeeds, .fewerSeeds, .tooFewSeeds: "too few seeds"
    case .repeatedDraws(_, let what, _, _): "seeds share \(what.rawValue)"
    case .collapsed(let cell):
      "every run fails at \(NumberText.rate(cell.learningRate ?? .nan)) of \(cell.method.label)"
    }
  }

  /// `3 equivalent, 1 identical`.
  private static func counts(_ words: [String]) -> String {
    var seen: [String] = []
    for word in words where !seen.contains(word) { seen.append(word) }
    return seen.map { word in "\(words.count { $0 == word }) \(word)" }.joined(separator: ", ")
  }
}
