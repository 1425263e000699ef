internal import Settings
internal import Tensors

/// Gives the whole gradient one norm: g ← s·g/(‖g‖ + ε) with s = `scale_factor` and ε = `eps`
/// (Hazan, Levy & Shalev-Shwartz, 2015).
///
/// Optax' `normalize_by_update_norm`. A zero gradient stays zero; a small one, ‖g‖ ≈ ε, does not
/// reach s. A gradient with a NaN becomes NaN, one with ±∞ becomes NaN there and 0 elsewhere.
/// Deviation: entries of 1e30 have a finite norm, where Optax in float32 overflows and gives 0.
struct Normalization: StepTransform {
  let scaleFactor: Double
  let epsilon: Double
  let allowedStages = ClippingStage.directions

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let norm = vector.norm()
    let exact = scaleFactor / (norm + epsilon)
    let factor = Float(exact)
    guard norm != 0, factor != 1 else { return ClippingTelemetry(fired: false) }
    vector.scale(by: exact)
    vector.setKnownNorm(norm * (Vector.needsDouble(exact) ? exact : Double(factor)))
    return ClippingTelemetry(fired: true)
  }
}

extension ClippingEntry {
  static var normalize: Self {
    ClippingEntry(
      name: "normalize", summary: "the whole gradient scaled to one norm",
      reference: "Hazan, Levy & Shalev-Shwartz, 2015",
      hyperparameters: [
        Hyperparameter(
          "scale_factor", .number(.positive), default: .number(1), scale: .logarithmic,
          "the norm of every gradient, s"),
        Hyperparameter(
          "eps", .number(.positive), default: .number(1e-6), scale: .logarithmic,
          "keeps the quotient finite, ε"),
      ]
    ) { options throws(HyperparameterError) in
      [
        Normalization(
          scaleFactor: options.number("scale_factor"), epsilon: options.number("eps"))
      ]
    }
  }
}
