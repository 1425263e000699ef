import Settings

/// A pool as an experiment file or a model describes it.
public struct PoolDefinition: LayerDefinition {
  public let kind: String
  let function: PoolingFunction
  let window: SlidingWindow?

  /// - Parameter window: nil for the whole image.
  public init(_ function: PoolingFunction, window: SlidingWindow?) {
    self.function = function
    self.window = window
    kind =
      switch (window, function) {
      case (nil, _): Self.globalName
      case (_, .maximum): Self.maximumName
      case (_, .average): Self.averageName
      }
  }

  public func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    try PoolLayer(name: name, inputShape: inputShape, function: function, window: window)
  }

  private static let maximumName = "max-pool"
  private static let averageName = "average-pool"
  private static let globalName = "global-pool"

  static let entries = [
    windowed(.maximum, maximumName, "the largest of each window of images"),
    windowed(.average, averageName, "the mean of each window of images, padding counted as zeros"),
    CatalogEntry<any LayerDefinition>(
      name: globalName, summary: "the mean or the largest of each channel of an image",
      reference: "Lin, Chen & Yan (2014)",
      hyperparameters: [
        Hyperparameter(
          "function", .choice(PoolingFunction.allCases.map(\.rawValue)),
          default: .text(PoolingFunction.average.rawValue), "what is taken")
      ]
    ) {
      PoolDefinition(PoolingFunction(rawValue: $0.text("function")) ?? .average, window: nil)
    },
  ]

  private static func windowed(
    _ function: PoolingFunction, _ name: String, _ summary: String
  ) -> CatalogEntry<any LayerDefinition> {
    CatalogEntry(
      name: name, summary: summary, reference: "",
      hyperparameters: [
        Hyperparameter("window", .integer(1...10_000), default: .integer(2), "height and width"),
        Hyperparameter(
          "stride", .integer(1...10_000), default: .none, optional: true,
          "pixels from window to window; null for the window's size"),
        Padding.option("pixels beyond each edge, or same: ⌈size / stride⌉ windows"),
      ]
    ) { options in
      let size = options.integer("window")
      return PoolDefinition(
        function,
        window: SlidingWindow(
          size: size, stride: options["stride"] == .none ? size : options.integer("stride"),
          padding: Padding.chosen(in: options)))
    }
  }
}
