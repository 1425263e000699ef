internal import Settings
internal import Tensors

/// Clips the root mean square of each tensor: g ← g/max(1, RMS(g)/c) with c = `threshold` and
/// RMS(g) = ‖g‖/√n over the tensor's n elements.
///
/// Optax' `clip_by_block_rms`, the rule by which Adafactor bounds its update (Shazeer & Stern,
/// 2018), here on the gradient. A tensor with RMS(g) ≤ c keeps its bits, one with a NaN becomes NaN,
/// one with ±∞ becomes NaN there and 0 elsewhere; other tensors are not affected. Deviation: entries
/// of 1e30 have a finite RMS, where Optax in float32 overflows and gives 0.
struct BlockRMSClipping: StepTransform {
  let threshold: Double
  let allowedStages = ClippingStage.directions

  func apply(
    to vector: inout StepVector, context: ClippingContext, state: inout NamedArrays
  ) -> ClippingTelemetry {
    ClippingTelemetry(
      fired: vector.clipTensorNorms { elements in threshold * elements.squareRoot() })
  }
}

extension ClippingEntry {
  static var blockRMS: Self {
    ClippingEntry(
      name: "block-rms", summary: "each tensor's root mean square held at the threshold",
      reference: "Shazeer & Stern, 2018; DeepMind et al., 2020 (Optax)",
      hyperparameters: [
        Hyperparameter(
          "threshold", .number(.positive), default: .number(1), scale: .logarithmic,
          search: [.logarithmic(0.1...10, of: .component)],
          "the largest root mean square of a tensor's gradient")
      ]
    ) { options throws(HyperparameterError) in
      [BlockRMSClipping(threshold: options.number("threshold"))]
    }
  }
}
