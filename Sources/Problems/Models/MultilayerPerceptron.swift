import Networks
import Settings

/// Dense layers `dense1`, `dense2`, … with the activation after each but the last.
struct MultilayerPerceptron: ModelArchitecture {
  let hidden: [Int]
  let activation: Activation
  let initialization: any Initialization
  let initializationLabel: String

  func makeModel(exampleShape: [Int], classes: Int) -> Model {
    let widths = self.widths(exampleShape, classes)
    return Model(
      (1..<widths.count).map { position in
        DenseLayer(
          name: "dense\(position)", inputs: widths[position - 1], outputs: widths[position],
          activation: position == widths.count - 1 ? .identity : activation,
          initialization: initialization)
      })
  }

  func summary(exampleShape: [Int], classes: Int) -> String {
    let sizes = widths(exampleShape, classes).map(String.init).joined(separator: "-")
    let nonlinearity = hidden.isEmpty ? "" : ", \(activation.rawValue)"
    return "MLP \(sizes)\(nonlinearity), \(initializationLabel)"
  }

  private func widths(_ exampleShape: [Int], _ classes: Int) -> [Int] {
    [exampleShape.reduce(1, *)] + hidden + [classes]
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
      Hyperparameter(
        "activation", .choice(Activation.allCases.map(\.rawValue)), default: .text("relu"),
        "function after each hidden layer"),
      Hyperparameter(
        "initialization", .choice(Initializations.catalog.names), default: .text("he-normal"),
        "rule for the initial weights"),
      Hyperparameter(
        "gain", .number(.positive), default: .number(1), scale: .logarithmic,
        "factor of the initial weights"),
    ]
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
    let initialization = options.text("initialization")
    let gain = options.number("gain")
    return MultilayerPerceptron(
      hidden: widths.map { Int($0) },
      activation: Activation(rawValue: options.text("activation")) ?? .identity,
      initialization: try Initializations.named(initialization, gain: gain),
      initializationLabel: gain == 1
        ? initialization : "\(initialization) × \(numberLabel(gain))")
  }
}
