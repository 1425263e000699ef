import Settings
import Tensors

/// The pre-norm transformer block of a sequence `[time, width]` (Vaswani et al., 2017; Radford et
/// al., 2019), PyTorch's `TransformerEncoderLayer(norm_first=True)`:
///
///     h = x + attention(layer-norm(x))
///     y = h + W₂ f(W₁ layer-norm(h) + b₁) + b₂
///
/// with `hidden` features between W₁ and W₂ (four times the width unless given) and the activation
/// f, `gelu`; `dropout` stands at the end of each branch, and not on the attention weights. It is two `residual` layers, so its tensors are named as theirs:
/// `transformer-block1.residual1.attention1.in_proj_weight`, `transformer-block1.residual2.dense1.weight`.
/// `initialization` draws all weights. PyTorch's defaults differ: `relu`, 2048 hidden features,
/// dropout 0.1, attention that is not causal, and `torch-default` for dense weights.
public struct TransformerBlock: Layer {
  public let name: String
  public let layers: [any Layer]

  /// A block for sequences of shape `[time, width]`, with a width that is a multiple of `heads`.
  ///
  /// - Parameters:
  ///   - hidden: The features between the dense layers; nil for four times the width.
  ///   - activation: The function of the hidden features.
  ///   - dropout: The probability of dropping an element at the end of each branch.
  public init(
    name: String, inputShape: [Int], heads: Int, hidden: Int? = nil, isCausal: Bool,
    activation: ActivationLayer.Function = .gelu, dropout: Double = 0,
    initialization: any Initialization
  ) {
    let attention = AttentionLayer(
      name: "attention1", inputShape: inputShape, heads: heads, isCausal: isCausal,
      initialization: initialization)
    let width = inputShape[1]
    let expanding = DenseLayer(
      name: "dense1", inputShape: inputShape, outputs: hidden ?? 4 * width, activation: .identity,
      initialization: initialization)
    let contracting = DenseLayer(
      name: "dense2", inputShape: expanding.outputShape, outputs: width, activation: .identity,
      initialization: initialization)
    // Without dropout nothing stands there, not a layer that copies.
    let dropping: [any Layer] =
      dropout > 0 ? [DropoutLayer(name: "dropout1", inputShape: inputShape, rate: dropout)] : []
    let norm = LayerNorm(name: "layer-norm1", shape: inputShape, epsilon: 1e-5)
    self.name = name
    layers = [
      ResidualLayer(name: "residual1", layers: [norm, attention] + dropping),
      ResidualLayer(
        name: "residual2",
        layers: [
          norm, expanding,
          ActivationLayer(
            name: "\(activation.kind)1", shape: expanding.outputShape, function: activation),
          contracting,
        ] + dropping),
    ]
  }

  public var inputShape: [Int] { layers[0].inputShape }
  public var outputShape: [Int] { layers[layers.count - 1].outputShape }
  public var summary: String { layers.map(\.summary).joined(separator: ", ") }
  public var tensors: [LayerTensor] { Self.tensors(of: layers) }
  public var buffers: [LayerBuffer] { Self.buffers(of: layers) }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    ChainComputation(layers, at: place)
  }
}

/// A transformer block as an experiment file describes it.
struct TransformerBlockDefinition: LayerDefinition {
  let heads: Int
  let hidden: Int?
  let isCausal: Bool
  let activation: ActivationLayer.Function
  let dropout: Double
  let initialization: any Initialization

  var kind: String { Self.entry.name }

  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    try AttentionDefinition.check(inputShape, heads: heads)
    return TransformerBlock(
      name: name, inputShape: inputShape, heads: heads, hidden: hidden, isCausal: isCausal,
      activation: activation, dropout: dropout, initialization: initialization)
  }

  /// The option `hidden`.
  static let hidden = Hyperparameter(
    "hidden", .integer(1...1_000_000), default: .none, optional: true,
    "features between the two dense layers; null for four times the width")

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "transformer-block", summary: "pre-norm attention and a dense network, each added to x",
    reference: "Vaswani et al. (2017); Radford et al. (2019)",
    hyperparameters: [
      AttentionDefinition.heads, hidden, AttentionDefinition.isCausal,
      Hyperparameter(
        "activation", .choice(ActivationLayer.Function.plain.map(\.kind)), default: .text("gelu"),
        "function of the hidden features"),
      Hyperparameter(
        "dropout", .number(.fraction), default: .number(0), "dropped at the end of each branch"),
    ] + Initializations.options(default: "glorot-uniform")
  ) { options throws(HyperparameterError) in
    let activation = options.text("activation")
    return TransformerBlockDefinition(
      heads: options.integer("heads"), hidden: options.optionalInteger("hidden"),
      isCausal: options.boolean("causal"),
      activation: ActivationLayer.Function.plain.first { $0.kind == activation } ?? .gelu,
      dropout: options.number("dropout"), initialization: try Initializations.chosen(in: options))
  }
}
