internal import Settings
internal import Tensors

/// Clips each element: g ← min(max(g, −c), c) with c = `max_value` (Mikolov, 2012).
///
/// As `torch.nn.utils.clip_grad_value_`: ±∞ becomes ±c and NaN stays NaN. Fires where an element
/// exceeds c; otherwise the gradient is read once and not copied.
struct ValueClipping: StepTransform {
  let maxValue: Float
  let allowedStages = ClippingStage.directions

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let bounds = ElementBounds(low: -maxValue, high: maxValue)
    let count = vector.count
    guard bounds.firstOutside(vector.values, count: count) < count else {
      return ClippingTelemetry(fired: false)
    }
    vector.rewrite(with: bounds)
    return ClippingTelemetry(fired: true)
  }
}

extension ClippingEntry {
  static var value: Self {
    ClippingEntry(
      name: "value", summary: "each element clamped to ±max_value",
      reference: "Mikolov, 2012",
      hyperparameters: [
        Hyperparameter(
          "max_value", .number(.positive), default: .number(1), scale: .logarithmic,
          search: [.logarithmic(0.1...10, of: .component)],
          "the largest absolute value of an element")
      ]
    ) { options throws(HyperparameterError) in
      [ValueClipping(maxValue: Float(options.number("max_value")))]
    }
  }
}
