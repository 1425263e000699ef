import Networks
import Settings

/// The convolutional network of a source article that compares optimizers and names no data:
/// convolution 3×3 to 64 channels, relu, convolution 3×3 to 64 channels, relu, flatten, dense 512,
/// relu, dense.
///
/// The article prints 8,192 inputs for the first dense layer, which no square image gives. Here the
/// convolutions keep the size and the inputs are as many as come out of them: 50,176 for images of
/// 28×28, which makes 25.7 million parameters. The article states no initialisation; PyTorch's
/// default is the default.
struct ArticleNetwork: ModelArchitecture {
  let initialization: any Initialization
  let initializationLabel: String

  func makeModel(exampleShape: [Int], outputs: Int) throws(ShapeMismatch) -> Model {
    let convolution = ConvolutionDefinition(
      channels: 64, window: SlidingWindow(size: 3, padding: .same), activation: .relu,
      initialization: initialization)
    return try Model(
      [
        convolution, convolution, FlattenDefinition(),
        DenseDefinition(outputs: 512, activation: .relu, initialization: initialization),
        DenseDefinition(outputs: nil, activation: .identity, initialization: initialization),
      ], inputShape: exampleShape, outputs: outputs)
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    "article CNN \(shapeLabel(exampleShape))-\(outputs), \(initializationLabel)"
  }

  static let entry = CatalogEntry<any ModelArchitecture>(
    name: "article-cnn",
    summary: "two convolutions and two dense layers without pools, after a source article",
    reference: "",
    hyperparameters: Initializations.options(default: "torch-default") + [
      ConvolutionalModels.bias(default: nil)
    ]
  ) { options throws(HyperparameterError) in
    ArticleNetwork(
      initialization: try ConvolutionalModels.initialization(in: options),
      initializationLabel: ConvolutionalModels.label(in: options))
  }
}
