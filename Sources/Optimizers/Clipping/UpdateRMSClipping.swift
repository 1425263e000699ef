internal import Settings
internal import Tensors

/// Clips the root mean square of each tensor's update, in units of the learning rate:
/// u ← u/max(1, RMS(u)/(dη)) with d = `threshold` and the step's learning rate η.
///
/// Adafactor's update clipping (Shazeer & Stern, 2018) for any optimizer. There the rule sees the
/// update before the learning rate is applied; the update proposed here contains it, hence the dη.
/// What else the optimizer puts into its update, decoupled weight decay for one, counts as well.
/// A tensor within its bound keeps its bits; one with a NaN becomes NaN, one with ±∞ becomes NaN
/// there and 0 elsewhere. Where η = 0 every update becomes 0.
struct UpdateRMSClipping: StepTransform {
  let threshold: Double
  let allowedStages = [ClippingStage.update]

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let largest = threshold * context.learningRate
    return ClippingTelemetry(
      fired: vector.clipTensorNorms { elements in largest * elements.squareRoot() })
  }
}

extension ClippingEntry {
  static var updateRMS: Self {
    ClippingEntry(
      name: "update-rms",
      summary: "each tensor's update held at a root mean square of threshold × learning rate",
      reference: "Shazeer & Stern, 2018",
      hyperparameters: [
        Hyperparameter(
          "threshold", .number(.positive), default: .number(1), scale: .logarithmic,
          search: [.logarithmic(0.1...10)],
          "the largest root mean square of a tensor's update over the learning rate, d")
      ]
    ) { options throws(HyperparameterError) in
      [UpdateRMSClipping(threshold: options.number("threshold"))]
    }
  }
}
