internal import CVector
internal import Settings
internal import Tensors

/// Puts 0 in place of each element that is NaN or ±∞.
///
/// `torch.nan_to_num(g, nan=0, posinf=0, neginf=0)`; Optax' `zero_nans` replaces NaN only. A finite
/// gradient is not read beyond its norm, which the trainer knows.
struct ZeroNonfinite: StepTransform {
  let allowedStages = ClippingStage.directions

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    guard !vector.norm().isFinite else { return ClippingTelemetry(fired: false) }
    vector.rewrite(with: Replacement())
    return ClippingTelemetry(fired: true)
  }

  private struct Replacement: LaneRewrite {
    @inline(__always)
    func rewritten(_ values: Lanes, at place: some LanePlace) -> Lanes {
      let isFinite = cvector_abs(values) .<= Lanes(repeating: .greatestFiniteMagnitude)
      return Lanes.zero.replacing(with: values, where: isFinite)
    }
  }
}

extension ClippingEntry {
  static var zeroNonfinite: Self {
    ClippingEntry(
      name: "zero-nonfinite", summary: "NaN and infinite elements set to 0",
      reference: "DeepMind et al., 2020 (Optax)", hyperparameters: []
    ) { _ throws(HyperparameterError) in [ZeroNonfinite()] }
  }
}
