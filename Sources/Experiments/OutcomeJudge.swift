internal import Records
internal import Tensors

/// Decides how a run ends, from the thresholds of the spec and the problem's scale of loss.
struct OutcomeJudge {
  /// Why and where a run failed.
  struct Failure: Equatable {
    var outcome: Outcome
    /// `loss`, `update <tensor>`, `parameters <tensor>`, `evaluation`.
    var subject: String
  }

  private let lowerBound: Double
  private let initialLoss: Double
  private let explosionFactor: Double
  /// max(initial loss − lower bound, the problem's unit).
  private let scale: Double

  init(initialLoss: Double, lowerBound: Double, lossUnit: Double, explosionFactor: Double) {
    self.lowerBound = lowerBound
    self.initialLoss = initialLoss
    self.explosionFactor = explosionFactor
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
    guard step.loss.isFinite else { return Failure(outcome: .nonfinite, subject: "loss") }
    if !step.updateNorm.isFinite {
      let tensor = squares.update.firstIndex { !$0.isFinite }.map { " \(layout.tensors[$0].name)" }
      return Failure(outcome: .nonfinite, subject: "update" + (tensor ?? ""))
    }
    if !step.parameterNorm.isFinite {
      return Failure(
        outcome: .nonfinite, subject: "parameters" + Self.firstNonfinite(in: parameters, layout))
    }
    return step.loss - lowerBound > explosionFactor * scale
      ? Failure(outcome: .exploded, subject: "loss") : nil
  }

  /// The failure of a run that ended with the given loss on the training split although no step of
  /// it failed. Only a run that spent its budget can have ended worse than it began.
  func finalFailure(finalLoss: Double, hasSpentBudget: Bool) -> Failure? {
    guard finalLoss.isFinite else { return Failure(outcome: .nonfinite, subject: "evaluation") }
    if finalLoss - lowerBound > explosionFactor * scale {
      return Failure(outcome: .exploded, subject: "evaluation")
    }
    return hasSpentBudget && finalLoss > initialLoss + 0.01 * scale
      ? Failure(outcome: .worseThanStart, subject: "evaluation") : nil
  }

  private static func firstNonfinite(in vector: FloatBuffer, _ layout: ParameterLayout) -> String {
    guard let index = Vector.firstNonfinite(vector.pointer, count: layout.count),
      let tensor = layout.tensor(at: index)
    else { return "" }
    return " \(tensor.name)"
  }
}
