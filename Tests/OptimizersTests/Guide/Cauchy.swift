import Settings
import Tensors

@testable import Optimizers

/// Momentum of robust gradients: an outlier counts the less the larger it is.
///
///     m ← βm + (1 − β)·g/(1 + (g/c)²)        u = −ηm
struct Cauchy: Optimizer {
  let momentum: Double
  let scale: Double

  func makeState(for layout: ParameterLayout) -> NamedArrays {
    NamedArrays(arrays: [("momentum_buffer", layout.count)])
  }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    step.writeUpdate(
      Kernel(
        mean: ExponentialMean(state[0], decay: momentum),
        sharpness: Lanes(repeating: Float(1 / (scale * scale))),
        rate: Lanes(repeating: Float(-step.learningRate))))
  }

  private struct Kernel: UpdateKernel {
    let mean: ExponentialMean
    let sharpness: Lanes
    let rate: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let robust = gradient / (Lanes.one + sharpness * gradient * gradient)
      return rate * mean.take(robust, at: place)
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var cauchy: Self {
    CatalogEntry(
      name: "cauchy", summary: "momentum of gradients whose outliers count less",
      reference: "your name, 2026",
      hyperparameters: [
        .learningRate(0.01),
        Hyperparameter(
          "momentum", .number(.fraction), default: .number(0.9), "share of the mean kept, β"),
        Hyperparameter(
          "scale", .number(.positive), default: .number(1), scale: .logarithmic,
          "where an element begins to count less, c"),
      ]
    ) { options throws(HyperparameterError) in
      Cauchy(momentum: options.number("momentum"), scale: options.number("scale"))
    }
  }
}
