internal import Settings

/// A linear rise over the first W steps: (k + 1)/W at step k, so that the first step moves already
/// and step W − 1 has the full rate.
///
/// As PyTorch's `LinearLR(start_factor: 1/W, total_iters: W − 1)`; Keras, Optax and Hugging Face
/// start at 0 by default, which wastes the first step.
struct Warmup: Sendable {
  let steps: Int

  /// The factor at `step`; nil after the warm-up.
  func factor(at step: Int) -> Double? {
    step < steps ? Double(step + 1) / Double(steps) : nil
  }
}

extension Hyperparameter {
  static var warmupSteps: Hyperparameter {
    Hyperparameter(
      "warmup_steps", .integer(0 ... .max), default: .integer(0),
      "steps of linear rise to the learning rate, W")
  }
}
