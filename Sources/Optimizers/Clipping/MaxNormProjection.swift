internal import Settings
internal import Tensors

/// Keeps the norm of each unit's incoming weights below a bound after the update:
/// wᵢ ← wᵢ·c/(‖wᵢ‖ + 1e-7) where ‖wᵢ‖ > c = `max_norm` (Srebro & Shraibman, 2005; Srivastava et
/// al., 2014).
///
/// `torch.renorm(w, 2, 0, c)` of each tensor with two or more axes: a unit is a row of the layout
/// out × in, or an embedding's vector. Vectors and scalars (biases, norms' gains) are left alone, as
/// in Keras, whose `MaxNorm` also shrinks weights within the bound by 1e-7 where these keep their
/// bits. A row with a NaN is left as it is; one with ±∞ becomes NaN there and 0 elsewhere.
struct MaxNormProjection: StepTransform {
  let maxNorm: Double
  let allowedStages = [ClippingStage.parameters]

  /// PyTorch's guard.
  static let epsilon = 1e-7

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    var fired = false
    let tensors = vector.layout.tensors
    for index in tensors.indices where tensors[index].shape.count > 1 {
      let units = tensors[index].unitCount
      guard units > 0 else { continue }
      let count = tensors[index].count / units
      for unit in 0..<units {
        let offset = tensors[index].offset + unit * count
        let norm = Vector.norm(vector.values + offset, count: count)
        guard norm > maxNorm else { continue }
        let values = vector.mutableValues() + offset
        Vector.scaleInRange(
          values, by: maxNorm / (norm + Self.epsilon), into: values, count: count)
        fired = true
      }
    }
    return ClippingTelemetry(fired: fired)
  }
}

extension ClippingEntry {
  static var maxNorm: Self {
    ClippingEntry(
      name: "max-norm", summary: "each unit's weights projected to norm max_norm after the update",
      reference: "Srebro & Shraibman, 2005; Srivastava et al., 2014",
      hyperparameters: [
        Hyperparameter(
          "max_norm", .number(.positive), default: .number(2), scale: .logarithmic,
          "the largest Euclidean norm of a unit's weights")
      ]
    ) { options throws(HyperparameterError) in
      [MaxNormProjection(maxNorm: options.number("max_norm"))]
    }
  }
}
