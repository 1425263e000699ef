internal import Analysis

extension Claim {
  /// `adam + global-norm(1) beats adamw by more than 5% in test_loss`.
  var text: String {
    let amount =
      switch margin {
      case .absolute(0): ""
      case .absolute(let value): " by more than \(NumberText.exact(value))"
      case .relative(let share): " by more than \(NumberText.exact(100 * share))%"
      }
    return "\(better) beats \(than)\(amount) in \(metric.name)"
  }
}

extension ClaimVerdict {
  var word: String {
    switch outcome {
    case .holds: "holds"
    case .refuted: "refuted"
    case .undecided, .tooFewSeeds: "undecided"
    case .unanswerable: "unanswerable"
    }
  }

  /// What was measured, and what follows from it, without a full stop.
  var finding: String {
    switch outcome {
    case .unanswerable(let reason): return reason
    case .tooFewSeeds:
      return "the claim states \(NumberText.count(claim.seeds ?? 0, "seed")) and the result has "
        + "\(seedsPresent) of both methods; train \((claim.seeds ?? 0) - seedsPresent) more"
    case .holds: return "\(measured), p = \(probability(pValue)), at most \(level)"
    case .refuted:
      return
        "\(measured); that it is as much or more has p = \(probability(refutation)), at most \(level)"
    case .undecided(let needed):
      let more =
        needed.map { "about \(NumberText.count($0 - seeds, "more seed")) would settle it" }
        ?? "no foreseeable number of seeds would settle it"
      return "\(measured), p = \(probability(pValue)), more than \(level); \(more)"
    }
  }

  /// The finding as a sentence of its own.
  var sentence: String { finding.prefix(1).uppercased() + finding.dropFirst() }

  private var level: String { NumberText.exact(claim.level) }

  private var measured: String {
    let difference =
      advantage == 0
      ? "no difference"
      : "\(advantage > 0 ? "better" : "worse") by \(NumberText.significant(abs(advantage)))"
    let spread = claim.metric.isShare ? "" : ", σ \(NumberText.significant(deviation))"
    let present = seedsPresent > seeds ? " of the \(seedsPresent)" : ""
    let asked = margin == 0 ? "" : ", claimed: more than \(NumberText.significant(margin))"
    return "\(NumberText.significant(better)) against \(NumberText.significant(than)) over "
      + "\(NumberText.count(seeds, "seed"))\(present): \(difference)\(spread)\(asked)"
  }

  private func probability(_ value: Double) -> String {
    value < 1e-4
      ? "\(NumberText.significant(value, digits: 1))" : NumberText.significant(value, digits: 2)
  }
}
