internal import Settings
internal import Tensors

/// Clips each element: g ← min(max(g, −c), c) with c = `max_value` (Mikolov, 2012).
///
/// As `torch.nn.utils.clip_grad_value_`: ±∞ becomes ±c and NaN stays NaN. Fires where an element
/// exceeds c; otherwise the gradient is read once and not copied.
struct ValueClipping: ClippingTransform {
  let maxValue: Float
  let stage = ClippingStage.gradient

  func apply(
    to vector: inout ClippedVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let count = vector.count
    let first = firstExceeding(vector.values, count: count)
    guard first < count else { return ClippingTelemetry(fired: false) }
    vector.rewrite { source, target in clip(source, into: target, count: count) }
    return ClippingTelemetry(fired: true)
  }

  /// An index at or before the first element beyond ±c; `count` without one.
  private func firstExceeding(_ x: UnsafePointer<Float>, count: Int) -> Int {
    let high = Lanes(repeating: maxValue)
    let low = -high
    var index = 0
    while index + 16 <= count {
      let lanes = Vector.load(x, index)
      if any((lanes .> high) .| (lanes .< low)) { return index }
      index += 16
    }
    while index < count, !(abs(x[index]) > maxValue) { index += 1 }
    return index
  }

  private func clip(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    let high = Lanes(repeating: maxValue)
    let low = -high
    var index = 0
    while index + 16 <= count {
      var lanes = Vector.load(source, index)
      lanes.replace(with: high, where: lanes .> high)
      lanes.replace(with: low, where: lanes .< low)
      Vector.store(lanes, target, index)
      index += 16
    }
    while index < count {
      let value = source[index]
      target[index] = value > maxValue ? maxValue : value < -maxValue ? -maxValue : value
      index += 1
    }
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
          "the largest absolute value of an element")
      ]
    ) { options throws(HyperparameterError) in
      [ValueClipping(maxValue: Float(options.number("max_value")))]
    }
  }
}
