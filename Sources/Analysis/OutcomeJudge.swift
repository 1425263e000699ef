package import Records

/// Decides how a run ends, from the thresholds of the spec and the problem's scale of loss.
///
/// It looks at the numbers in the precision in which they are stored, Float32, so that whoever reads
/// the file comes to the same outcome: a loss that is finite only in double precision is not finite.
package struct OutcomeJudge {
  /// Why and where a run failed.
  package struct Failure: Equatable {
    package var outcome: Outcome
    /// `loss`, `update <tensor>`, `parameters <tensor>`, `evaluation`.
    package var subject: String
  }

  /// The rise of the final loss, in units of the scale, beyond which a run ended worse than it began.
  package static let toleratedRise = 0.01

  private let lowerBound: Double
  private let initialLoss: Double
  private let explosionFactor: Double
  /// Whether a step fails whose loss has exploded; otherwise only the end of the run tells.
  private let endsExplodedRuns: Bool
  /// max(initial loss − lower bound, the problem's unit).
  private let scale: Double

  package init(
    initialLoss: Double, lowerBound: Double, lossUnit: Double, explosionFactor: Double,
    endsExplodedRuns: Bool = true
  ) {
    self.lowerBound = lowerBound
    self.initialLoss = initialLoss
    self.explosionFactor = explosionFactor
    self.endsExplodedRuns = endsExplodedRuns
    let rise = initialLoss - lowerBound
    scale = rise.isFinite ? max(rise, lossUnit) : lossUnit
  }

  /// The failure of a step with the given loss and norms, if it failed. A norm that was not measured is
  /// left out.
  package func failure(
    loss: Double, updateNorm: Double = 0, parameterNorm: Double = 0
  ) -> Failure? {
    let loss = Float(loss)
    guard loss.isFinite else { return Failure(outcome: .nonfinite, subject: "loss") }
    guard Float(updateNorm).isFinite else { return Failure(outcome: .nonfinite, subject: "update") }
    guard Float(parameterNorm).isFinite else {
      return Failure(outcome: .nonfinite, subject: "parameters")
    }
    return endsExplodedRuns && Double(loss) - lowerBound > explosionFactor * scale
      ? Failure(outcome: .exploded, subject: "loss") : nil
  }

  /// The failure of a run that ended with the given loss on the training split although no step of
  /// it failed. Only a run that spent its budget can have ended worse than it began.
  package func finalFailure(finalLoss: Double, hasSpentBudget: Bool) -> Failure? {
    let finalLoss = Double(Float(finalLoss))
    guard finalLoss.isFinite else { return Failure(outcome: .nonfinite, subject: "evaluation") }
    if finalLoss - lowerBound > explosionFactor * scale {
      return Failure(outcome: .exploded, subject: "evaluation")
    }
    return hasSpentBudget && finalLoss > initialLoss + Self.toleratedRise * scale
      ? Failure(outcome: .worseThanStart, subject: "evaluation") : nil
  }
}
