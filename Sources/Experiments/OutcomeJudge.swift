internal import Analysis
internal import Tensors

extension OutcomeJudge {
  /// The failure of a step with the given measurements, if it failed, with the tensor in which it shows.
  ///
  /// - Parameter squares: The step's sums of squares by tensor, which tell where an update is not
  ///   finite.
  func failure(
    of step: StepMeasurements, squares: StepTensorSquares, parameters: FloatBuffer,
    layout: ParameterLayout
  ) -> Failure? {
    guard
      var found = failure(
        loss: step.loss, updateNorm: step.updateNorm, parameterNorm: step.parameterNorm)
    else { return nil }
    switch found.subject {
    case "update":
      let tensor = squares.update.firstIndex { !Float($0.squareRoot()).isFinite }
        .map { " \(layout.tensors[$0].name)" }
      found.subject += tensor ?? ""
    case "parameters": found.subject += Self.firstNonfinite(in: parameters, layout)
    default: break
    }
    return found
  }

  private static func firstNonfinite(in vector: FloatBuffer, _ layout: ParameterLayout) -> String {
    guard let index = Vector.firstNonfinite(vector.pointer, count: layout.count),
      let tensor = layout.tensor(at: index)
    else { return "" }
    return " \(tensor.name)"
  }
}
