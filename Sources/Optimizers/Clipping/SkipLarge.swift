internal import Settings
internal import Tensors

/// Refuses a step whose gradient is too large, ‖g‖ ≥ c or NaN with c = `max_norm`: nothing moves, no
/// state changes, the step counts.
///
/// Optax' `skip_large_updates` with `max_squared_norm` = c². What Optax calls updates there is what
/// reaches the optimizer, that is the gradient; where momentum or update are judged instead, the
/// optimizer gets back what it remembered. The "discard on explosion" of the literature on exploding
/// gradients is the same rule. The norm is that of the vector as the transforms before this one leave it.
struct SkipLarge: StepTransform {
  let maxNorm: Double
  let allowedStages = ClippingStage.directions
  let maySkip = true

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    // Not `norm >= maxNorm`: a NaN norm is refused too.
    let isRefused = !(vector.norm() < maxNorm)
    return ClippingTelemetry(fired: isRefused, skip: isRefused)
  }
}

extension ClippingEntry {
  static var skipLarge: Self {
    ClippingEntry(
      name: "skip-large", summary: "steps whose gradient reaches max_norm left out",
      reference: "DeepMind et al., 2020 (Optax)",
      hyperparameters: [
        Hyperparameter(
          "max_norm", .number(.positive), default: .number(100), scale: .logarithmic,
          search: [.logarithmic(1...100, of: .gradientNorm(orderedBy: nil))],
          "the gradient norm from which a step is left out")
      ]
    ) { options throws(HyperparameterError) in
      [SkipLarge(maxNorm: options.number("max_norm"))]
    }
  }
}
