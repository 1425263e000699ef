import Networks
import Settings

/// A character language model: `embedding1`, then `lstm1`, `lstm2`, … on every time step, each with
/// dropout after it, and `dense1`, which predicts the next character at each.
///
/// The sizes are those of DeepOBS's `tolstoi_char_rnn` (Schneider, Balles & Hennig, 2019): 128
/// features, two layers of 128. Unlike there, a batch starts from a hidden state of 0 rather than
/// from where the batch before ended, so that a step depends on its own examples alone.
struct CharacterLSTM: ModelArchitecture {
  let features: Int
  let units: Int
  let depth: Int
  let dropout: Double
  let forgetBias: Double
  let initialization: any Initialization
  let initializationLabel: String

  func makeModel(exampleShape: [Int], outputs: Int) throws(ShapeMismatch) -> Model {
    guard exampleShape.count == 1 else {
      throw ShapeMismatch("char-lstm takes the token ids [time] of a text")
    }
    let embedding = EmbeddingLayer(
      name: "embedding1", steps: exampleShape[0], vocabulary: outputs, features: features,
      deviation: 1)
    var layers: [any Layer] = [embedding]
    var shape = embedding.outputShape
    for number in 1...depth {
      let layer = RecurrentLayer(
        name: "lstm\(number)", inputShape: shape, unit: .lstm(forgetBias: forgetBias),
        units: units, outputsAllSteps: true, initialization: initialization)
      layers.append(layer)
      shape = layer.outputShape
      if dropout > 0 {
        layers.append(DropoutLayer(name: "dropout\(number)", inputShape: shape, rate: dropout))
      }
    }
    layers.append(
      DenseLayer(
        name: "dense1", inputShape: shape, outputs: outputs, activation: .identity,
        initialization: initialization))
    return Model(layers)
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    let sizes = ([outputs, features] + Array(repeating: units, count: depth) + [outputs]).map(
      String.init)
    return "character LSTM \(sizes.joined(separator: "-")), dropout \(numberLabel(dropout)), "
      + initializationLabel
  }

  static let entry = CatalogEntry<any ModelArchitecture>(
    name: "char-lstm", summary: "character language model: embedding, LSTM layers, dense",
    reference: "Karpathy (2015), Schneider et al. (2019)",
    hyperparameters: [
      Hyperparameter(
        "features", .integer(1...100_000), default: .integer(128), "length of a character's vector"
      ),
      Hyperparameter("units", .integer(1...100_000), default: .integer(128), "hidden units"),
      Hyperparameter("layers", .integer(1...100), default: .integer(2), "recurrent layers"),
      Hyperparameter(
        "dropout", .number(.fraction), default: .number(0.2), "dropped after each recurrent layer"),
    ] + RecurrentUnit.options(of: "lstm") + Initializations.options(default: "torch-default")
  ) { options throws(HyperparameterError) in
    CharacterLSTM(
      features: options.integer("features"), units: options.integer("units"),
      depth: options.integer("layers"), dropout: options.number("dropout"),
      forgetBias: options.number("forget_bias"),
      initialization: try Initializations.chosen(in: options),
      initializationLabel: Initializations.label(in: options))
  }
}
