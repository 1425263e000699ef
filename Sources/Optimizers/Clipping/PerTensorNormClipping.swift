internal import Settings
internal import Tensors

/// Clips the Euclidean norm of each tensor on its own: g ← g·c/‖g‖ where ‖g‖ > c = `max_norm`.
///
/// The rule of Keras' `clipnorm`, g·c/max(‖g‖, c): there is no ε, so a tensor with ‖g‖ = c keeps its
/// bits. A tensor with a NaN becomes NaN, one with ±∞ becomes NaN there and 0 elsewhere; other
/// tensors are not affected. Deviation: norms are finite wherever the entries are (1e30 included),
/// where Keras in float32 overflows and gives 0.
struct PerTensorNormClipping: StepTransform {
  let maxNorm: Double
  let allowedStages = ClippingStage.directions

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    ClippingTelemetry(fired: vector.clipTensorNorms { _ in maxNorm })
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
          search: [.logarithmic(0.1...10, of: .tensorNorm)],
          "the largest Euclidean norm of a tensor's gradient")
      ]
    ) { options throws(HyperparameterError) in
      [PerTensorNormClipping(maxNorm: options.number("max_norm"))]
    }
  }
}
