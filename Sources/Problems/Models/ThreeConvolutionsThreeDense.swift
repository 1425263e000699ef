import Networks
import Settings

/// DeepOBS's `3c3d` (Schneider, Balles & Hennig, 2019): convolutions 5×5 to 64, 3×3 to 96 and 3×3
/// to 128 channels, each with relu and a max-pool 3×3 of stride 2, then dense 512, relu, dense 256,
/// relu, dense.
///
/// The first two convolutions are not padded, the third keeps the size, pools halve it (rounded up):
/// images need 14 pixels each way. DeepOBS draws the weights by Glorot's rule with fans of both
/// sides, normal ones for convolutions and uniform ones of the same variance for dense layers; here
/// all are normal. Biases start from 0. Its weight decay is the optimizer's affair.
struct ThreeConvolutionsThreeDense: ModelArchitecture {
  let initialization: any Initialization
  let initializationLabel: String

  func makeModel(exampleShape: [Int], outputs: Int) throws(ShapeMismatch) -> Model {
    try Model(layers, inputShape: exampleShape, outputs: outputs)
  }

  private var layers: [any LayerDefinition] {
    let halving = PoolDefinition(
      .maximum, window: SlidingWindow(size: 3, stride: 2, padding: .same))
    return [
      convolution(to: 64, SlidingWindow(size: 5)), halving,
      convolution(to: 96, SlidingWindow(size: 3)), halving,
      convolution(to: 128, SlidingWindow(size: 3, padding: .same)), halving, FlattenDefinition(),
      dense(512, .relu), dense(256, .relu), dense(nil, .identity),
    ]
  }

  private func convolution(to channels: Int, _ window: SlidingWindow) -> ConvolutionDefinition {
    ConvolutionDefinition(
      channels: channels, window: window, activation: .relu, initialization: initialization)
  }

  private func dense(_ outputs: Int?, _ activation: Activation) -> DenseDefinition {
    DenseDefinition(outputs: outputs, activation: activation, initialization: initialization)
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    "3c3d \(shapeLabel(exampleShape))-\(outputs), \(initializationLabel)"
  }

  static let entry = CatalogEntry<any ModelArchitecture>(
    name: "3c3d", summary: "three convolutions with max-pools and three dense layers of DeepOBS",
    reference: "Schneider, Balles & Hennig (2019)",
    hyperparameters: Initializations.options(default: "glorot-normal") + [
      ConvolutionalModels.bias(default: 0)
    ]
  ) { options throws(HyperparameterError) in
    ThreeConvolutionsThreeDense(
      initialization: try ConvolutionalModels.initialization(in: options),
      initializationLabel: ConvolutionalModels.label(in: options))
  }
}
