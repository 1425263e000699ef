package import Records
internal import Tensors

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

  /// The failure of a step with the given measurements, if it failed.
  ///
  /// - Parameter squares: The step's sums of squares by tensor, which tell where an update is not
  ///   finite.
  func failure(
    of step: StepMeasurements, squares: StepTensorSquares, parameters: FloatBuffer,
    layout: ParameterLayout
  ) -> Failure? {
    let loss = Float(step.loss)
    guard loss.isFinite else { return Failure(outcome: .nonfinite, subject: "loss") }
    if !Float(step.updateNorm).isFinite {
      let tensor = squares.update.firstIndex { !Float($0.squareRoot()).isFinite }
        .map { " \(layout.tensors[$0].name)" }
      return Failure(outcome: .nonfinite, subject: "update" + (tensor ?? ""))
    }
    if !Float(step.parameterNorm).isFinite {
      return Failure(
        outcome: .nonfinite, subject: "parameters" + Self.firstNonfinite(in: parameters, layout))
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

  private static func firstNonfinite(in vector: FloatBuffer, _ layout: ParameterLayout) -> String {
    guard let index = Vector.firstNonfinite(vector.pointer, count: layout.count),
      let tensor = layout.tensor(at: index)
    else { return "" }
    return " \(tensor.name)"
  }
}
