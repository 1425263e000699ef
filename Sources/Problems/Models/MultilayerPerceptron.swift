import Networks
import Settings

/// Dense layers `dense1`, `dense2`, … with the activation after each but the last.
struct MultilayerPerceptron: ModelArchitecture {
  let hidden: [Int]
  let activation: Activation
  let initialization: any Initialization
  let initializationLabel: String

  func makeModel(exampleShape: [Int], outputs: Int) -> Model {
    let widths = self.widths(exampleShape, outputs)
    return Model(
      (1..<widths.count).map { position in
        DenseLayer(
          name: "dense\(position)", inputShape: [widths[position - 1]], outputs: widths[position],
          activation: position == widths.count - 1 ? .identity : activation,
          initialization: initialization)
      })
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    let sizes = widths(exampleShape, outputs).map(String.init).joined(separator: "-")
    let nonlinearity = hidden.isEmpty ? "" : ", \(activation.rawValue)"
    return "MLP \(sizes)\(nonlinearity), \(initializationLabel)"
  }

  private func widths(_ exampleShape: [Int], _ outputs: Int) -> [Int] {
    [exampleShape.reduce(1, *)] + hidden + [outputs]
  }

  /// The widest layer and the most layers allowed: beyond, a typing error is likelier than a wish.
  private static let widest = 1_000_000
  private static let deepest = 1_000

  static let entry = CatalogEntry<any ModelArchitecture>(
    name: "mlp", summary: "multilayer perceptron: dense layers with one activation between them",
    reference: "Rumelhart, Hinton & Williams (1986)",
    hyperparameters: [
      Hyperparameter(
        "hidden", .numbers(NumberRange(lower: 1, upper: Double(widest)), count: nil),
        default: .numbers([128]), "widths of the hidden layers; may be empty"),
      Activation.option(default: .relu, "function after each hidden layer"),
    ] + Initializations.options(default: "he-normal")
  ) { options throws(HyperparameterError) in
    let widths = options.numbers("hidden")
    if let width = widths.first(where: { $0 != $0.rounded() }) {
      throw HyperparameterError(
        "hidden", "\(numberLabel(width)) is not a width; allowed: integers from 1 to \(widest)")
    }
    guard widths.count <= deepest else {
      throw HyperparameterError(
        "hidden", "\(widths.count) hidden layers given; allowed: at most \(deepest)")
    }
    return MultilayerPerceptron(
      hidden: widths.map { Int($0) }, activation: Activation.chosen(in: options),
      initialization: try Initializations.chosen(in: options),
      initializationLabel: Initializations.label(in: options))
  }
}
