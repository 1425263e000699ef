internal import Settings
internal import Tensors

/// Adaptive gradient clipping: a unit's gradient is held at a fraction of the unit's own norm
/// (Brock, De, Smith & Simonyan, 2021).
///
/// For each unit i, a row of a tensor with two or more axes or a whole vector or scalar:
///
///     Mᵢ = c·max(‖θᵢ‖, ε)        gᵢ ← gᵢ·Mᵢ/max(‖gᵢ‖, 1e-6)  where ‖gᵢ‖ ≥ Mᵢ
///
/// with c = `clip_factor` and ε = `eps`: timm's `adaptive_clip_grad`. Optax and the authors' code
/// store kernels in × out and reduce the other axes, to the same units. The authors leave the last
/// layer unclipped; here all tensors are clipped. A unit of zeros stays zero, one with a NaN (in its
/// gradient or its parameters) becomes NaN, one with ±∞ becomes NaN there and 0 elsewhere; other
/// units are not affected. Deviation: norms are finite wherever the entries are.
struct AdaptiveClipping: StepTransform {
  let clipFactor: Double
  let epsilon: Double
  let allowedStages = ClippingStage.directions

  /// The authors' guard against division by zero.
  static let smallestNorm = 1e-6

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    var fired = false
    let tensors = vector.layout.tensors
    for index in tensors.indices {
      let units = tensors[index].unitCount
      guard units > 0 else { continue }
      let count = tensors[index].count / units
      for unit in 0..<units {
        let offset = tensors[index].offset + unit * count
        let norm = Vector.norm(vector.values + offset, count: count)
        let size = Vector.norm(context.parameters + offset, count: count)
        // Not max(size, ε), which would hide a NaN.
        let largest = clipFactor * (size < epsilon ? epsilon : size)
        guard !(norm < largest) else { continue }
        let factor = largest / (norm < Self.smallestNorm ? Self.smallestNorm : norm)
        guard Float(factor) != 1 else { continue }
        let values = vector.mutableValues() + offset
        Vector.scaleInRange(values, by: factor, into: values, count: count)
        fired = true
      }
    }
    return ClippingTelemetry(fired: fired)
  }
}

extension ClippingEntry {
  static var adaptive: Self {
    ClippingEntry(
      name: "adaptive", summary: "each unit's gradient held at a fraction of the unit's norm (AGC)",
      reference: "Brock, De, Smith & Simonyan, 2021",
      hyperparameters: [
        Hyperparameter(
          "clip_factor", .number(.positive), default: .number(0.01), scale: .logarithmic,
          search: [.logarithmic(0.001...1)],
          "the largest ratio of a unit's gradient norm to the unit's norm, c"),
        Hyperparameter(
          "eps", .number(.positive), default: .number(1e-3), scale: .logarithmic,
          "the norm that counts for smaller units, ε"),
      ]
    ) { options throws(HyperparameterError) in
      [AdaptiveClipping(clipFactor: options.number("clip_factor"), epsilon: options.number("eps"))]
    }
  }
}
