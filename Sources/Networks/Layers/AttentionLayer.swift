import LinearAlgebra
import Settings
import Tensors

/// Multi-head self-attention of a sequence `[time, width]` (Vaswani et al., 2017), as PyTorch's
/// `MultiheadAttention` with the sequence as query, key and value.
///
///     q, k, v = x W_inᵀ + b_in, split into heads of depth d = width/heads
///     head    = softmax(q kᵀ/√d) v
///     y       = [head₁ … head_h] W_outᵀ + b_out
///
/// Where `causal`, time step t looks at the steps up to t: its other weights are 0. The tensors are
/// PyTorch's: `in_proj_weight` `[3·width, width]` (queries, keys, values), `in_proj_bias`,
/// `out_proj.weight` `[width, width]`, `out_proj.bias`. PyTorch draws `in_proj_weight` as
/// `glorot-uniform` and `out_proj.weight` as `torch-default`; here `initialization` draws both.
public struct AttentionLayer: Layer {
  public let name: String
  public let inputShape: [Int]
  public let heads: Int
  public let isCausal: Bool
  private let initialization: any Initialization

  /// A layer for sequences of shape `[time, width]`, with a width that is a multiple of `heads`.
  public init(
    name: String, inputShape: [Int], heads: Int, isCausal: Bool, initialization: any Initialization
  ) {
    precondition(
      inputShape.count == 2 && inputShape.allSatisfy { $0 > 0 } && heads > 0
        && inputShape[1] % heads == 0, "no attention of \(heads) heads to \(inputShape)")
    self.name = name
    self.inputShape = inputShape
    self.heads = heads
    self.isCausal = isCausal
    self.initialization = initialization
  }

  public var outputShape: [Int] { inputShape }
  var timeSteps: Int { inputShape[0] }
  var width: Int { inputShape[1] }

  public var summary: String {
    "\(isCausal ? "causal " : "")attention of \(heads) \(heads == 1 ? "head" : "heads") to "
      + "\(timeSteps) steps of \(width)"
  }

  public var tensors: [LayerTensor] {
    [
      ("in_proj_weight", [3 * width, width], .weight, 3 * width),
      ("in_proj_bias", [3 * width], .bias, 3 * width),
      ("out_proj.weight", [width, width], .weight, width),
      ("out_proj.bias", [width], .bias, width),
    ].map { (name: String, shape: [Int], role: ParameterRole, fanOut: Int) in
      LayerTensor(
        name: name, shape: shape, role: role, fanIn: width, fanOut: fanOut,
        initialization: initialization)
    }
  }

  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    AttentionComputation(self, at: place)
  }
}

/// Attention as an experiment file describes it.
struct AttentionDefinition: LayerDefinition {
  let heads: Int
  let isCausal: Bool
  let initialization: any Initialization

  var kind: String { Self.entry.name }

  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    try Self.check(inputShape, heads: heads)
    return AttentionLayer(
      name: name, inputShape: inputShape, heads: heads, isCausal: isCausal,
      initialization: initialization)
  }

  /// Throws unless the shape is that of a sequence whose width the heads can share.
  static func check(_ inputShape: [Int], heads: Int) throws(ShapeMismatch) {
    guard inputShape.count == 2 else {
      throw ShapeMismatch("takes a sequence [time, width], but gets \(shapeLabel(inputShape))")
    }
    guard inputShape[1] % heads == 0 else {
      throw ShapeMismatch(
        "divides the width among \(heads) heads, but gets \(shapeLabel(inputShape)), and "
          + "\(inputShape[1]) is no multiple of \(heads)")
    }
  }

  static let heads = Hyperparameter(
    "heads", .integer(1...1024), default: .integer(4), "heads; the width is a multiple of them")
  static let isCausal = Hyperparameter(
    "causal", .boolean, default: .boolean(true), "whether a time step looks at no later one")

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "attention", summary: "multi-head self-attention of a sequence",
    reference: "Vaswani et al. (2017)",
    hyperparameters: [heads, isCausal] + Initializations.options(default: "glorot-uniform")
  ) { options throws(HyperparameterError) in
    AttentionDefinition(
      heads: options.integer("heads"), isCausal: options.boolean("causal"),
      initialization: try Initializations.chosen(in: options))
  }
}

/// What backward passes need is kept headwise: see `HeadTransposition`.
private final class AttentionComputation: LayerComputation {
  /// The examples that an evaluation, which keeps nothing, looks at together.
  private static let examplesEvaluatedAtOnce = 16

  private let timeSteps: Int
  private let width: Int
  private let heads: Int
  private let isCausal: Bool
  private let offset: Int
  private let examplesAtOnce: Int
  private let outputBuffer: FloatBuffer
  /// Queries, keys and values as the input product gives them; then their gradients.
  private let projections: FloatBuffer
  /// The same headwise, the queries divided by √depth.
  private let queries: FloatBuffer
  private let distributions: FloatBuffer
  private let headOutputs: FloatBuffer
  private let mergedHeads: FloatBuffer
  private let bias: FloatBuffer
  private let noBias: FloatBuffer
  private let scoreGradients: FloatBuffer?
  private let queryGradients: FloatBuffer?
  private let inputGradientBuffer: FloatBuffer?
  private let inputProduct = PreparedProduct(transposingB: true)
  private let scoreProduct = PreparedProduct(transposingB: true)
  private let headProduct = PreparedProduct()
  private let outputProduct = PreparedProduct(transposingB: true)
  private let weightGradientProduct = PreparedProduct(transposingA: true)
  private let throughWeightsProduct = PreparedProduct()
  private let transposedHeadProduct = PreparedProduct(transposingA: true)

  init(_ layer: AttentionLayer, at place: LayerPlace) {
    timeSteps = layer.timeSteps
    width = layer.width
    heads = layer.heads
    isCausal = layer.isCausal
    offset = place.parameterOffset
    examplesAtOnce =
      place.isTrained ? place.batchSize : min(place.batchSize, Self.examplesEvaluatedAtOnce)
    let count = place.batchSize * timeSteps * width
    let atOnce = examplesAtOnce * timeSteps * width
    let scores = examplesAtOnce * heads * timeSteps * timeSteps
    outputBuffer = FloatBuffer(count: count + activationSlack)
    projections = FloatBuffer(count: 3 * atOnce + activationSlack)
    queries = FloatBuffer(count: 3 * atOnce + activationSlack)
    distributions = FloatBuffer(count: scores + activationSlack)
    headOutputs = FloatBuffer(count: atOnce + activationSlack)
    mergedHeads = FloatBuffer(count: atOnce + activationSlack)
    bias = FloatBuffer(count: 3 * width + activationSlack)
    noBias = FloatBuffer(count: width + activationSlack)
    scoreGradients = place.isTrained ? FloatBuffer(count: scores + activationSlack) : nil
    queryGradients = place.isTrained ? FloatBuffer(count: 3 * atOnce + activationSlack) : nil
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient
      ? FloatBuffer(count: count + activationSlack) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  private var depth: Int { width / heads }
  private var queryScale: Float { 1 / Float(depth).squareRoot() }
  private var inputBiasOffset: Int { offset + 3 * width * width }
  private var outputWeightOffset: Int { inputBiasOffset + 3 * width }
  private var outputBiasOffset: Int { outputWeightOffset + width * width }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    bias.pointer.update(from: parameters + inputBiasOffset, count: 3 * width)
    for first in stride(from: 0, to: rows, by: examplesAtOnce) {
      let start = first * timeSteps * width
      forward(
        input + start, into: output + start, examples: min(examplesAtOnce, rows - first),
        parameters: parameters)
    }
  }

  private func forward(
    _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, examples: Int,
    parameters: UnsafePointer<Float>
  ) {
    let rows = examples * timeSteps
    let size = rows * width
    inputProduct.multiply(
      input, parameters + offset, into: projections.pointer, rows: rows, columns: 3 * width,
      inner: width)
    transposition(examples, parts: 3).split(
      projections.pointer, bias: bias.pointer, into: queries.pointer, scale: queryScale)
    scoreProduct.multiply(
      queries.pointer, queries.pointer + size, into: distributions.pointer, rows: timeSteps,
      columns: timeSteps, inner: depth, batch: examples * heads)
    AttentionSoftmax.forward(
      distributions.pointer, batch: examples * heads, timeSteps: timeSteps, isCausal: isCausal)
    headProduct.multiply(
      distributions.pointer, queries.pointer + 2 * size, into: headOutputs.pointer,
      rows: timeSteps, columns: depth, inner: timeSteps, batch: examples * heads)
    transposition(examples, parts: 1).merge(
      headOutputs.pointer, into: mergedHeads.pointer, scale: 1)
    outputProduct.multiply(
      mergedHeads.pointer, parameters + outputWeightOffset, into: output, rows: rows,
      columns: width, inner: width)
    BiasActivation.forward(
      .identity, output, bias: parameters + outputBiasOffset, rows: rows, columns: width)
  }

  func backward(
    input: UnsafePointer<Float>, rows examples: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    guard let scoreGradients = scoreGradients?.pointer, let gradients = queryGradients?.pointer
    else { preconditionFailure("this attention only evaluates") }
    let rows = examples * timeSteps
    let size = rows * width
    let batch = examples * heads
    BiasActivation.backward(
      .identity, outputGradient, outputs: output, biasGradient: gradient + outputBiasOffset,
      rows: rows, columns: width)
    weightGradientProduct.multiply(
      outputGradient, mergedHeads.pointer, into: gradient + outputWeightOffset, rows: width,
      columns: width, inner: rows)
    throughWeightsProduct.multiply(
      outputGradient, parameters + outputWeightOffset, into: projections.pointer, rows: rows,
      columns: width, inner: width)
    // What the heads gave is no longer needed; their gradient takes its place.
    transposition(examples, parts: 1).split(
      projections.pointer, bias: noBias.pointer, into: headOutputs.pointer, scale: 1)
    transposedHeadProduct.multiply(
      distributions.pointer, headOutputs.pointer, into: gradients + 2 * size, rows: timeSteps,
      columns: depth, inner: timeSteps, batch: batch)
    scoreProduct.multiply(
      headOutputs.pointer, queries.pointer + 2 * size, into: scoreGradients, rows: timeSteps,
      columns: timeSteps, inner: depth, batch: batch)
    AttentionSoftmax.backward(
      scoreGradients, distributions: distributions.pointer, batch: batch, timeSteps: timeSteps)
    headProduct.multiply(
      scoreGradients, queries.pointer + size, into: gradients, rows: timeSteps, columns: depth,
      inner: timeSteps, batch: batch)
    transposedHeadProduct.multiply(
      scoreGradients, queries.pointer, into: gradients + size, rows: timeSteps, columns: depth,
      inner: timeSteps, batch: batch)
    transposition(examples, parts: 3).merge(
      gradients, into: projections.pointer, scale: queryScale)
    BiasActivation.backward(
      .identity, projections.pointer, outputs: projections.pointer,
      biasGradient: gradient + inputBiasOffset, rows: rows, columns: 3 * width)
    weightGradientProduct.multiply(
      projections.pointer, input, into: gradient + offset, rows: 3 * width, columns: width,
      inner: rows)
    if let inputGradient {
      throughWeightsProduct.multiply(
        projections.pointer, parameters + offset, into: inputGradient, rows: rows, columns: width,
        inner: 3 * width)
    }
  }

  private func transposition(_ examples: Int, parts: Int) -> HeadTransposition {
    HeadTransposition(
      rows: examples, timeSteps: timeSteps, heads: heads, depth: depth, parts: parts)
  }
}
