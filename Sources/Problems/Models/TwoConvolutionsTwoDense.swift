import Networks
import Settings

/// DeepOBS's `2c2d` (Schneider, Balles & Hennig, 2019): convolution 5×5 to 32 channels, relu,
/// max-pool 2×2, convolution 5×5 to 64 channels, relu, max-pool 2×2, dense 1024, relu, dense.
///
/// Convolutions keep the size (`same`), pools halve it (rounded up). DeepOBS starts from weights of
/// a normal distribution of standard deviation 0.05 cut off at two, and from biases of 0.05, which
/// are the defaults here.
struct TwoConvolutionsTwoDense: ModelArchitecture {
  let initialization: any Initialization
  let initializationLabel: String

  func makeModel(exampleShape: [Int], outputs: Int) throws(ShapeMismatch) -> Model {
    try Model(layers, inputShape: exampleShape, outputs: outputs)
  }

  private var layers: [any LayerDefinition] {
    let halving = PoolDefinition(
      .maximum, window: SlidingWindow(size: 2, stride: 2, padding: .same))
    return [
      convolution(to: 32), halving, convolution(to: 64), halving, FlattenDefinition(),
      DenseDefinition(outputs: 1024, activation: .relu, initialization: initialization),
      DenseDefinition(outputs: nil, activation: .identity, initialization: initialization),
    ]
  }

  private func convolution(to channels: Int) -> ConvolutionDefinition {
    ConvolutionDefinition(
      channels: channels, window: SlidingWindow(size: 5, padding: .same), activation: .relu,
      initialization: initialization)
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    "2c2d \(shapeLabel(exampleShape))-\(outputs), \(initializationLabel)"
  }

  static let entry = CatalogEntry<any ModelArchitecture>(
    name: "2c2d", summary: "two convolutions with max-pools and two dense layers of DeepOBS",
    reference: "Schneider, Balles & Hennig (2019)",
    hyperparameters: Initializations.options(default: "truncated-normal", gain: 0.05) + [
      ConvolutionalModels.bias(default: 0.05)
    ]
  ) { options throws(HyperparameterError) in
    TwoConvolutionsTwoDense(
      initialization: try ConvolutionalModels.initialization(in: options),
      initializationLabel: ConvolutionalModels.label(in: options))
  }
}
