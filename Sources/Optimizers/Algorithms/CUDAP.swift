internal import Settings
internal import Tensors

/// The rule printed for "CUDAP (Compact Unified Direct Accelerated Optimization)" in an article that
/// lists it beside Adam; a negative control.
///
///     θ ← (g − ε)/(θ + ε)
///
/// elementwise, the quotient *replacing* the parameters. There is no other definition of a method of
/// that name. The rule has no learning rate: `learning_rate` is accepted, as every optimizer has one,
/// and changes nothing. It is a map without a fixed point at the minimum, so each table of stability
/// must show it as failing.
struct CUDAP: Optimizer {
  let epsilon: Double
  let maximize: Bool

  func makeState(for layout: ParameterLayout) -> NamedArrays { .empty }

  func proposeUpdate(for step: OptimizerStep, state: inout NamedArrays) {
    step.writeUpdate(
      Kernel(parameters: step.parameters, epsilon: Lanes(repeating: Float(epsilon))),
      maximize: maximize)
  }

  private struct Kernel: UpdateKernel {
    let parameters: UnsafePointer<Float>
    let epsilon: Lanes

    @inline(__always)
    func update(for gradient: Lanes, at place: some LanePlace) -> Lanes {
      let parameter = place.load(parameters)
      return (gradient - epsilon) / (parameter + epsilon) - parameter
    }
  }
}

extension CatalogEntry where Product == any Optimizer {
  static var cudap: Self {
    CatalogEntry(
      name: "cudap", summary: "negative control: parameters replaced by gradient over parameters",
      reference: "printed in an article without a source; no definition known as of 2026",
      hyperparameters: [.learningRate(0.001), .eps(1e-8), .maximize]
    ) { options throws(HyperparameterError) in
      CUDAP(epsilon: options.number("eps"), maximize: options.boolean("maximize"))
    }
  }
}
