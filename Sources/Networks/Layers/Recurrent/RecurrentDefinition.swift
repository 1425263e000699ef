public import Settings

/// A recurrent layer as an experiment file describes it.
struct RecurrentDefinition: LayerDefinition {
  let unit: RecurrentUnit
  let units: Int
  let outputsAllSteps: Bool
  let initialization: any Initialization

  var kind: String { unit.kind }

  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    guard inputShape.count == 2 else {
      throw ShapeMismatch(
        "takes a sequence [time, features], but gets \(shapeLabel(inputShape))"
          + (inputShape.count == 1 ? "; of token ids, put 'embedding' before it" : ""))
    }
    return RecurrentLayer(
      name: name, inputShape: inputShape, unit: unit, units: units,
      outputsAllSteps: outputsAllSteps, initialization: initialization)
  }

  static let entries = RecurrentUnit.kinds.map { kind in
    CatalogEntry<any LayerDefinition>(
      name: kind.name, summary: kind.summary, reference: kind.reference,
      hyperparameters: RecurrentUnit.sizeOptions + RecurrentUnit.options(of: kind.name)
        + Initializations.options(default: "torch-default")
    ) { options throws(HyperparameterError) in
      RecurrentDefinition(
        unit: RecurrentUnit.chosen(kind.name, in: options), units: options.integer("units"),
        outputsAllSteps: options.text("output") == "all",
        initialization: try Initializations.chosen(in: options))
    }
  }
}

extension RecurrentUnit {
  /// The kinds of units, for the catalogs of layers and models.
  public static let kinds: [(name: String, summary: String, reference: String)] = [
    ("elman", "simple recurrent units through time", "Elman (1990)"),
    ("gru", "gated recurrent units through time", "Cho et al. (2014)"),
    ("lstm", "long short-term memory through time", "Hochreiter & Schmidhuber (1997)"),
  ]

  /// The options `units` and `output` of a recurrent layer or model.
  public static let sizeOptions = [
    Hyperparameter("units", .integer(1...100_000), default: .integer(50), "hidden units"),
    Hyperparameter(
      "output", .choice(["last", "all"]), default: .text("last"),
      "the hidden state of the last time step, or of all"),
  ]

  /// The options that units of a kind have by themselves.
  public static func options(of kind: String) -> [Hyperparameter] {
    switch kind {
    case "elman":
      [
        Hyperparameter(
          "activation", .choice(["tanh", "relu"]), default: .text("tanh"),
          "function of each hidden unit")
      ]
    case "lstm":
      [
        Hyperparameter(
          "forget_bias", .number(.any), default: .number(0),
          "added to the initial biases of the forget gates")
      ]
    default: []
    }
  }

  /// The units of a kind that the options ask for.
  public static func chosen(_ kind: String, in options: Hyperparameters) -> RecurrentUnit {
    switch kind {
    case "elman": .elman(isRectified: options.text("activation") == "relu")
    case "lstm": .lstm(forgetBias: options.number("forget_bias"))
    default: .gru
    }
  }
}
