internal import CVector
internal import Settings
internal import Tensors

/// Shortens each coordinate on its own: gᵢ ← gᵢ·min(1, τ/|gᵢ|) with τ = `threshold` (CClip; Zhang,
/// Karimireddy, Veit, Kim, Reddi, Kumar & Sra, 2020).
///
/// With one τ for all coordinates this is `value` on finite gradients, to one rounding; `accclip`
/// learns a τ for each. It differs where the paper's formula does: ±∞ becomes NaN (∞·0), so that a
/// broken gradient shows, where `value` makes ±c of it. NaN stays NaN. Where τ/|gᵢ| is no normal
/// float, the result is ±τ at once.
struct CoordinateClipping: StepTransform {
  let threshold: Float
  let allowedStages = ClippingStage.directions

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    let count = vector.count
    let bounds = ElementBounds(low: -threshold, high: threshold)
    guard bounds.firstOutside(vector.values, count: count) < count else {
      return ClippingTelemetry(fired: false)
    }
    vector.rewrite(with: Shortening(threshold: Lanes(repeating: threshold)))
    return ClippingTelemetry(fired: true)
  }

  private struct Shortening: LaneRewrite {
    let threshold: Lanes

    @inline(__always)
    func rewritten(_ values: Lanes, at place: some LanePlace) -> Lanes {
      let magnitudes = cvector_abs(values)
      let ratios = threshold / magnitudes
      let shortened = (values * ratios).replacing(
        with: threshold * signs(of: values),
        where: (ratios .< Lanes(repeating: .leastNormalMagnitude))
          .& (magnitudes .<= Lanes(repeating: .greatestFiniteMagnitude)))
      return values.replacing(with: shortened, where: magnitudes .> threshold)
    }
  }
}

extension ClippingEntry {
  static var coordinate: Self {
    ClippingEntry(
      name: "coordinate", summary: "each coordinate shortened to the threshold (CClip)",
      reference: "Zhang, Karimireddy, Veit, Kim, Reddi, Kumar & Sra, 2020",
      hyperparameters: [
        Hyperparameter(
          "threshold", .number(.positive), default: .number(1), scale: .logarithmic,
          search: [.logarithmic(0.1...10, of: .component)],
          "the largest absolute value of a coordinate, τ")
      ]
    ) { options throws(HyperparameterError) in
      [CoordinateClipping(threshold: Float(options.number("threshold")))]
    }
  }
}
