internal import Settings
internal import Tensors

/// Refuses a step whose gradient holds NaN or ±∞: nothing moves, no state changes, the step counts.
///
/// The rule of Optax' `apply_if_finite`, without its limit on the number of refusals in a row: the
/// run's telemetry tells how many there were. Finite entries of any size are let through, since the
/// norm that is asked here is finite where they are.
struct SkipNonfinite: StepTransform {
  let allowedStages = ClippingStage.directions
  let maySkip = true

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let isRefused = !vector.norm().isFinite
    return ClippingTelemetry(fired: isRefused, skip: isRefused)
  }
}

extension ClippingEntry {
  static var skipNonfinite: Self {
    ClippingEntry(
      name: "skip-nonfinite", summary: "steps whose gradient holds NaN or infinity left out",
      reference: "DeepMind et al., 2020 (Optax)", hyperparameters: []
    ) { _ throws(HyperparameterError) in [SkipNonfinite()] }
  }
}
