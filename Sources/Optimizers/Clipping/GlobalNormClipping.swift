internal import Settings
internal import Tensors

/// Clips the norm of the whole gradient: g ← g·min(1, c/(‖g‖ₚ + 1e-6)) with c = `max_norm`
/// (Pascanu, Mikolov & Bengio, 2013), over all tensors as one vector.
///
/// As `torch.nn.utils.clip_grad_norm_`, ε included, in the cases that libraries treat differently:
///
/// | gradient      | result                                              |
/// |---------------|-----------------------------------------------------|
/// | ‖g‖ = c       | shrinks by c/(c + 1e-6), as far as float resolves it |
/// | all zero      | zero                                                |
/// | one ±∞        | NaN there, 0 elsewhere                              |
/// | one NaN       | NaN everywhere                                      |
/// | entries 1e30  | finite: scaled to norm c (PyTorch's norm overflows and all becomes 0) |
///
/// For p = 2 the norm is the one that the trainer has measured already; a gradient within bounds is
/// neither read nor copied. A coefficient below 1.2e-38, which is no normal float, is applied in
/// double precision.
struct GlobalNormClipping: StepTransform {
  let maxNorm: Double
  let order: Double
  let allowedStages = ClippingStage.directions

  /// PyTorch's guard against division by zero.
  static let epsilon = 1e-6

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    ClippingTelemetry(fired: clip(&vector))
  }

  /// Clips the vector and returns whether that changed it.
  func clip(_ vector: inout StepVector) -> Bool {
    let norm =
      order == 2 ? vector.norm() : orderedNorm(vector.values, count: vector.count, order: order)
    let exact = maxNorm / (norm + Self.epsilon)
    let coefficient = Float(exact)
    // Not `coefficient < 1`: a NaN coefficient fires too.
    guard !(coefficient >= 1) else { return false }
    let before = vector.knownNorm
    vector.scale(by: exact)
    // Scaling rounds each element once, so the norm is known to float rounding without a pass.
    let applied = Vector.needsDouble(exact) ? exact : Double(coefficient)
    vector.setKnownNorm(before.map { $0 * applied })
    return true
  }
}

extension ClippingEntry {
  static var globalNorm: Self {
    ClippingEntry(
      name: "global-norm", summary: "the whole gradient's norm held at max_norm",
      reference: "Pascanu, Mikolov & Bengio, 2013",
      hyperparameters: [
        Hyperparameter(
          "max_norm", .number(.positive), default: .number(1), scale: .logarithmic,
          search: [.logarithmic(0.1...10, of: .gradientNorm(orderedBy: "norm_type"))],
          "the largest norm of the gradient"),
        Hyperparameter(
          "norm_type",
          .number(NumberRange(lower: 0, includesLower: false, includesInfinity: true)),
          default: .number(2), "the order p of the norm; .inf for the largest absolute value"),
      ]
    ) { options throws(HyperparameterError) in
      [
        GlobalNormClipping(
          maxNorm: options.number("max_norm"), order: options.number("norm_type"))
      ]
    }
  }
}
