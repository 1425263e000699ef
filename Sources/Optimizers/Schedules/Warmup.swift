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

  /// The option `steps` of a schedule that decays after the warm-up; nil where it is null.
  func stepsBeyond(_ options: Hyperparameters) throws(HyperparameterError) -> Int? {
    guard let total = options.optionalInteger("steps") else { return nil }
    guard total > steps else {
      throw HyperparameterError(
        "steps",
        "\(total) steps leave none for the decay after \(steps) steps of warm-up; "
          + "allowed: an integer > warmup_steps")
    }
    return total
  }
}

/// A schedule that begins with a linear rise.
protocol WarmedSchedule: Schedule {
  var warmup: Warmup { get }
}

extension WarmedSchedule {
  public var warmupSteps: Int { warmup.steps }
}

extension Hyperparameter {
  static var warmupSteps: Hyperparameter {
    Hyperparameter(
      "warmup_steps", .integer(0 ... .max), default: .integer(0),
      search: [.linear(0...0.2, of: .run)],
      "steps of linear rise to the learning rate, W")
  }
}
