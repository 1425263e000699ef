import Networks
import Settings

/// A character language model that reads a window at once (Radford et al., 2019, in small):
/// `embedding1` of the characters, `positional-embedding1`, the pre-norm blocks
/// `transformer-block1`, …, `layer-norm1`, and `dense1`, which predicts the next character at each
/// position from those up to it.
///
/// Characters' and positions' vectors start with a deviation of 0.02, as in GPT-2; unlike there, the
/// last layer has weights of its own, and deeper blocks start no smaller. Dropout stands at the end
/// of each residual branch, and not on the attention weights.
struct CharTransformer: ModelArchitecture {
  let features: Int
  let blocks: Int
  let heads: Int
  let hidden: Int?
  let dropout: Double
  let initialization: any Initialization
  let initializationLabel: String

  private static let deviation = 0.02

  func makeModel(exampleShape: [Int], outputs: Int) throws(ShapeMismatch) -> Model {
    guard exampleShape.count == 1 else {
      throw ShapeMismatch(
        "char-transformer takes the token ids [time] of a text, but gets \(shapeLabel(exampleShape))"
      )
    }
    let embedding = EmbeddingLayer(
      name: "embedding1", steps: exampleShape[0], vocabulary: outputs, features: features,
      deviation: Self.deviation)
    let shape = embedding.outputShape
    var layers: [any Layer] = [
      embedding,
      PositionalEmbedding(
        name: "positional-embedding1", inputShape: shape, deviation: Self.deviation),
    ]
    for number in 1...blocks {
      layers.append(
        TransformerBlock(
          name: "transformer-block\(number)", inputShape: shape, heads: heads, hidden: hidden,
          isCausal: true, dropout: dropout, initialization: initialization))
    }
    layers.append(LayerNorm(name: "layer-norm1", shape: shape, epsilon: 1e-5))
    layers.append(
      DenseLayer(
        name: "dense1", inputShape: shape, outputs: outputs, activation: .identity,
        initialization: initialization))
    return Model(layers)
  }

  func summary(exampleShape: [Int], outputs: Int) -> String {
    "character transformer, \(blocks) \(blocks == 1 ? "block" : "blocks") of width \(features) with "
      + "\(heads) \(heads == 1 ? "head" : "heads"), "
      + (dropout > 0 ? "dropout \(numberLabel(dropout)), " : "") + initializationLabel
  }

  static let entry = CatalogEntry<any ModelArchitecture>(
    name: "char-transformer",
    summary: "character language model: embeddings, pre-norm transformer blocks, dense",
    reference: "Vaswani et al. (2017); Radford et al. (2019)",
    hyperparameters: [
      Hyperparameter(
        "features", .integer(1...100_000), default: .integer(64),
        "width: the length of a character's vector"),
      Hyperparameter("layers", .integer(1...100), default: .integer(2), "transformer blocks"),
      Hyperparameter(
        "heads", .integer(1...1024), default: .integer(4), "heads; features is a multiple of them"),
      Hyperparameter(
        "hidden", .integer(1...1_000_000), default: .none, optional: true,
        "features between a block's dense layers; null for four times the width"),
      Hyperparameter(
        "dropout", .number(.fraction), default: .number(0), "dropped at the end of each branch"),
    ] + Initializations.options(default: "glorot-uniform")
  ) { options throws(HyperparameterError) in
    let features = options.integer("features")
    let heads = options.integer("heads")
    guard features % heads == 0 else {
      throw HyperparameterError(
        "heads", "\(features) features cannot be divided among \(heads) heads; choose a divisor")
    }
    return CharTransformer(
      features: features, blocks: options.integer("layers"), heads: heads,
      hidden: options.optionalInteger("hidden"), dropout: options.number("dropout"),
      initialization: try Initializations.chosen(in: options),
      initializationLabel: Initializations.label(in: options))
  }
}
