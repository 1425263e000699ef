import Settings
import Tensors

/// y = (x − μ)/√(σ² + ε) ⊙ w + b over the last dimension: features, or the features of each time
/// step by itself (Ba, Kiros & Hinton, 2016), as PyTorch's `LayerNorm`.
///
/// μ and σ² are the mean and the variance (divided by n) of the features. Weights w start at 1,
/// biases b at 0; both have the role `norm` and the shape `[features]`. Of an image `[height, width,
/// channels]` the channels of each pixel are normalised.
public struct LayerNorm: Layer {
  public let name: String
  public let inputShape: [Int]
  public let epsilon: Double

  /// A layer for examples of the given shape, of at least one dimension.
  public init(name: String, shape: [Int], epsilon: Double) {
    precondition(!shape.isEmpty && epsilon >= 0, "no layer norm over \(shape)")
    self.name = name
    inputShape = shape
    self.epsilon = epsilon
  }

  public var outputShape: [Int] { inputShape }
  public var features: Int { inputShape[inputShape.count - 1] }
  public var summary: String { "layer norm \(features)" }

  public var tensors: [LayerTensor] {
    [("weight", 1), ("bias", 0)].map { (name: String, value: Float) in
      LayerTensor(
        name: name, shape: [features], role: .norm, fanIn: 1, fanOut: 1,
        initialization: ConstantInitialization(value: value))
    }
  }

  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    LayerNormComputation(self, at: place)
  }
}

/// Layer norm as an experiment file describes it.
struct LayerNormDefinition: LayerDefinition {
  let epsilon: Double

  var kind: String { Self.entry.name }

  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    LayerNorm(name: name, shape: inputShape, epsilon: epsilon)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "layer-norm", summary: "features normalised to mean 0 and variance 1, then w and b",
    reference: "Ba, Kiros & Hinton (2016)",
    hyperparameters: [
      Hyperparameter(
        "eps", .number(.positive), default: .number(1e-5), scale: .logarithmic,
        "added to the variance, ε")
    ]
  ) { LayerNormDefinition(epsilon: $0.number("eps")) }
}

private final class LayerNormComputation: LayerComputation {
  private let features: Int
  private let normalizedRows: Int
  private let epsilon: Double
  private let weightOffset: Int
  private let outputBuffer: FloatBuffer
  private let inputGradientBuffer: FloatBuffer?
  private let statistics: FloatBuffer
  /// The parameters and their gradient with the slack that the kernel reads.
  private let weight: FloatBuffer
  private let bias: FloatBuffer
  private let weightGradient: FloatBuffer
  private let biasGradient: FloatBuffer

  init(_ layer: LayerNorm, at place: LayerPlace) {
    features = layer.features
    normalizedRows = layer.inputCount / layer.features
    epsilon = layer.epsilon
    weightOffset = place.parameterOffset
    let count = place.batchSize * layer.inputCount + activationSlack
    outputBuffer = FloatBuffer(count: count)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient ? FloatBuffer(count: count) : nil
    statistics = FloatBuffer(count: 2 * place.batchSize * normalizedRows)
    let slackened = layer.features + activationSlack
    weight = FloatBuffer(count: slackened)
    bias = FloatBuffer(count: slackened)
    weightGradient = FloatBuffer(count: slackened)
    biasGradient = FloatBuffer(count: slackened)
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    weight.pointer.update(from: parameters + weightOffset, count: features)
    bias.pointer.update(from: parameters + weightOffset + features, count: features)
    LayerNormalization.forward(
      input, weight: weight.pointer, bias: bias.pointer, epsilon: epsilon, into: output,
      statistics: statistics.pointer, rows: rows * normalizedRows, columns: features)
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    LayerNormalization.backward(
      outputGradient, input: input, weight: weight.pointer, statistics: statistics.pointer,
      weightGradient: weightGradient.pointer, biasGradient: biasGradient.pointer,
      inputGradient: inputGradient, rows: rows * normalizedRows, columns: features)
    (gradient + weightOffset).update(from: weightGradient.pointer, count: features)
    (gradient + weightOffset + features).update(from: biasGradient.pointer, count: features)
  }
}
