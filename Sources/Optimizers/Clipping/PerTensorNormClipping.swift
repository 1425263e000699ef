internal import Settings
internal import Tensors

/// Clips the Euclidean norm of each tensor on its own: g ← g·c/‖g‖ where ‖g‖ > c = `max_norm`.
///
/// The rule of Keras' `clipnorm`, g·c/max(‖g‖, c): there is no ε, so a tensor with ‖g‖ = c keeps its
/// bits. A tensor with a NaN becomes NaN, one with ±∞ becomes NaN there and 0 elsewhere; other
/// tensors are not affected. Deviation: norms are finite wherever the entries are (1e30 included),
/// where Keras in float32 overflows and gives 0.
struct PerTensorNormClipping: ClippingTransform {
  let maxNorm: Double
  let stage = ClippingStage.gradient

  func apply(
    to vector: inout ClippedVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    var fired = false
    var squares = 0.0
    let tensors = vector.layout.tensors
    for index in tensors.indices {
      let offset = tensors[index].offset
      let count = tensors[index].count
      let norm = Vector.norm(vector.values + offset, count: count)
      // Not `norm > maxNorm`: a NaN norm fires too.
      guard !(norm <= maxNorm) else {
        squares += norm * norm
        continue
      }
      let factor = Float(maxNorm / norm)
      let values = vector.mutableValues() + offset
      Vector.scale(values, by: factor, into: values, count: count)
      let clipped = norm * Double(factor)
      squares += clipped * clipped
      fired = true
    }
    // The scaled norm is known to float rounding; a pass to measure it would say no more.
    if fired { vector.setKnownNorm(squares.squareRoot()) }
    return ClippingTelemetry(fired: fired)
  }
}

extension ClippingEntry {
  static var perTensorNorm: Self {
    ClippingEntry(
      name: "per-tensor-norm", summary: "each tensor's norm held at max_norm (Keras' clipnorm)",
      reference: "Pascanu, Mikolov & Bengio, 2013; Chollet et al., 2015 (Keras)",
      hyperparameters: [
        Hyperparameter(
          "max_norm", .number(.positive), default: .number(1), scale: .logarithmic,
          "the largest Euclidean norm of a tensor's gradient")
      ]
    ) { options throws(HyperparameterError) in
      [PerTensorNormClipping(maxNorm: options.number("max_norm"))]
    }
  }
}
