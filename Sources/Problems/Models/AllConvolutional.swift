import Networks
import Settings

/// All-CNN-C (Springenberg et al., 2015), as DeepOBS builds it: three convolutions 3×3 to 96 channels,
/// three to 192, a third group of 3×3, 1×1 and 1×1, the last to the classes, each with relu, then
/// the mean of each channel. The third and the sixth have stride 2 in place of a pool.
///
/// Convolutions keep the size (or halve it, rounded up) but for the first of the third group, which
/// is not padded: images need 9 pixels each way. Elements are dropped from the images at a rate of
/// 0.2 and behind each of the first two groups at 0.5. The paper names no initialisation; DeepOBS
/// takes Glorot's normal one and biases of 0.1. Its weight decay is the optimizer's affair.
struct AllConvolutional: ModelArchitecture {
  let initialization: any Initialization
  let initializationLabel: String
  /// Whether elements are dropped.
  let dropsOut: Bool

  func makeModel(exampleShape: [Int], outputs: Int) throws(ShapeMismatch) -> Model {
    try Model(layers, inputShape: exampleShape, outputs: outputs)
  }

  private var layers: [any LayerDefinition] {
    dropout(0.2) + [same(96), same(96), same(96, stride: 2)]
      + dropout(0.5) + [same(192), same(192), same(192, stride: 2)]
      + dropout(0.5) + [
        convolution(192, SlidingWindow(size: 3)), same(192, size: 1), same(nil, size: 1),
        PoolDefinition(.average, window: nil),
      ]
  }

  private func dropout(_ rate: Double) -> [any LayerDefinition] {
    dropsOut ? [DropoutDefinition(rate: rate)] : []
  }

  private func same(_ channels: Int?, size: Int = 3, stride: Int = 1) -> ConvolutionDefinition {
    convolution(channels, SlidingWindow(size: size, stride: stride, padding: .same))
  }

  private func convolution(_ channels: Int?, _ window: SlidingWindow) -> ConvolutionDefinition {
    ConvolutionDefinition(
      channels: channels, window: window, activation: .relu, initialization: initialization)
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    "All-CNN-C \(shapeLabel(exampleShape))-\(outputs), \(initializationLabel)"
      + (dropsOut ? "" : ", no dropout")
  }

  static let entry = CatalogEntry<any ModelArchitecture>(
    name: "all-cnn-c", summary: "nine convolutions and a mean: no pool, no dense layer",
    reference: "Springenberg et al. (2015)",
    hyperparameters: Initializations.options(default: "glorot-normal") + [
      ConvolutionalModels.bias(default: 0.1),
      Hyperparameter("dropout", .boolean, default: .boolean(true), "whether elements are dropped"),
    ]
  ) { options throws(HyperparameterError) in
    AllConvolutional(
      initialization: try ConvolutionalModels.initialization(in: options),
      initializationLabel: ConvolutionalModels.label(in: options),
      dropsOut: options.boolean("dropout"))
  }
}
