internal import Settings
internal import Tensors

/// η·d^(−½)·min(s^(−½), s·W^(−3/2)) with s = k + 1, d = `model_size` and W = `warmup_steps`: a linear
/// rise over W steps, then the inverse root (Vaswani et al., 2017).
///
/// η is a factor here and not the peak, which is η/√(d·W) at step W − 1. PyTorch has no such class;
/// as a `LambdaLR` the rule is as printed.
struct NoamSchedule: Schedule {
  let modelSize: Double
  let warmupSteps: Int

  func learningRate(base: Double, step: Int, totalSteps: Int) -> Double {
    let count = Double(step) + 1
    let factor = min(1 / count.squareRoot(), count / power(Double(warmupSteps), 1.5))
    return base * factor / modelSize.squareRoot()
  }
}

extension CatalogEntry where Product == any Schedule {
  static var noam: Self {
    CatalogEntry(
      name: "noam", summary: "linear rise, then the inverse root of the steps, by model size",
      reference: "Vaswani et al., 2017",
      hyperparameters: [
        Hyperparameter(
          "warmup_steps", .integer(1 ... .max), default: .integer(4000), scale: .logarithmic,
          search: [.linear(0.01...0.5, of: .run)],
          "steps of linear rise, W"),
        Hyperparameter(
          "model_size", .integer(1 ... .max), default: .integer(512), scale: .logarithmic,
          "width of the model, d"),
      ]
    ) { options throws(HyperparameterError) in
      NoamSchedule(
        modelSize: Double(options.integer("model_size")),
        warmupSteps: options.integer("warmup_steps"))
    }
  }
}
