internal import Settings
internal import Tensors

/// Keeps each parameter within an interval after the update: θ ← min(max(θ, a), b) with
/// a = `min_value` and b = `max_value`.
///
/// `torch.clamp` of every parameter, biases included: ±∞ becomes a bound and NaN stays NaN. A
/// parameter on a bound keeps its bits. Without `min_value` the interval is [−b, b].
struct RangeProjection: StepTransform {
  let bounds: ElementBounds
  let allowedStages = [ClippingStage.parameters]

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let count = vector.count
    guard bounds.firstOutside(vector.values, count: count) < count else {
      return ClippingTelemetry(fired: false)
    }
    vector.rewrite(with: bounds)
    return ClippingTelemetry(fired: true)
  }
}

extension ClippingEntry {
  static var range: Self {
    ClippingEntry(
      name: "range", summary: "each parameter clamped to an interval after the update",
      reference: "Arjovsky, Chintala & Bottou, 2017 (weight clipping)",
      hyperparameters: [
        Hyperparameter(
          "max_value", .number(.any), default: .number(1), scale: .logarithmic,
          "the largest value of a parameter"),
        Hyperparameter(
          "min_value", .number(.any), default: .none, optional: true,
          "the smallest value of a parameter; null for −max_value"),
      ]
    ) { options throws(HyperparameterError) in
      let high = options.number("max_value")
      let low = options.optionalNumber("min_value") ?? -high
      if low > high {
        throw HyperparameterError(
          options.optionalNumber("min_value") == nil ? "max_value" : "min_value",
          "no value lies between \(numberLabel(low)) and \(numberLabel(high)); "
            + "allowed: min_value ≤ max_value")
      }
      return [RangeProjection(bounds: ElementBounds(low: Float(low), high: Float(high)))]
    }
  }
}
