import Settings

/// A convolution as an experiment file or a model describes it.
public struct ConvolutionDefinition: LayerDefinition {
  /// The channels that come out; nil for what the data ask of the last layer.
  let channels: Int?
  let window: SlidingWindow
  let groups: Int
  let hasBias: Bool
  let activation: Activation
  let initialization: any Initialization

  /// - Parameter channels: The channels that come out; nil for what the data ask of the last layer.
  public init(
    channels: Int?, window: SlidingWindow, groups: Int = 1, hasBias: Bool = true,
    activation: Activation, initialization: any Initialization
  ) {
    self.channels = channels
    self.window = window
    self.groups = groups
    self.hasBias = hasBias
    self.activation = activation
    self.initialization = initialization
  }

  public var kind: String { Self.entry.name }

  public func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    try ConvolutionLayer(
      name: name, inputShape: inputShape, channels: channels ?? outputs, window: window,
      groups: groups, hasBias: hasBias, activation: activation, initialization: initialization)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "convolution", summary: "y = f(W ⋆ x + b) over the windows of images, channels last",
    reference: "LeCun et al. (1989)",
    hyperparameters: [
      Hyperparameter(
        "channels", .integer(1...1_000_000), default: .none, optional: true,
        "channels that come out; null for the classes of the data"),
      Hyperparameter("window", .integer(1...10_000), default: .integer(3), "height and width"),
      Hyperparameter(
        "stride", .integer(1...10_000), default: .integer(1), "pixels from window to window"),
      Padding.option("zeros at each edge, or same: windows at each pixel, or each stride-th"),
      Hyperparameter(
        "groups", .integer(1...1_000_000), default: .integer(1),
        "equal parts of the channels, each convolved by itself"),
      Hyperparameter("bias", .boolean, default: .boolean(true), "whether biases are added"),
      Activation.option(default: .identity),
    ] + Initializations.options(default: "torch-default")
  ) { options throws(HyperparameterError) in
    ConvolutionDefinition(
      channels: options["channels"] == .none ? nil : options.integer("channels"),
      window: SlidingWindow(
        size: options.integer("window"), stride: options.integer("stride"),
        padding: Padding.chosen(in: options)),
      groups: options.integer("groups"), hasBias: options.boolean("bias"),
      activation: Activation.chosen(in: options),
      initialization: try Initializations.chosen(in: options))
  }
}
