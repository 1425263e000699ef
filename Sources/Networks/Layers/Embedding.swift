import Settings
import Tensors

/// A learned vector for each token of a vocabulary: token ids `[time]` in, `[time, features]` out, as
/// PyTorch's `Embedding`.
///
/// The ids are whole numbers from 0 below the vocabulary's size, held as floats; anything else is a
/// mistake in the data and traps. The tensor `weight`, `[vocabulary, features]`, has the role
/// `embedding` and starts from normal numbers of the given deviation (PyTorch's: 1).
public struct EmbeddingLayer: Layer {
  public let name: String
  public let inputShape: [Int]
  public let outputShape: [Int]
  public let vocabulary: Int
  private let deviation: Double

  /// A layer of positive size for sequences of `steps` tokens.
  public init(name: String, steps: Int, vocabulary: Int, features: Int, deviation: Double) {
    precondition(
      steps > 0 && vocabulary > 0 && features > 0,
      "no embedding of \(steps) of \(vocabulary) tokens in \(features) features")
    self.name = name
    inputShape = [steps]
    outputShape = [steps, features]
    self.vocabulary = vocabulary
    self.deviation = deviation
  }

  public var summary: String { "embedding of \(vocabulary) tokens, \(outputShape[1]) features" }

  public var tensors: [LayerTensor] {
    [
      LayerTensor(
        name: "weight", shape: [vocabulary, outputShape[1]], role: .embedding, fanIn: vocabulary,
        fanOut: outputShape[1], initialization: EmbeddingInitialization(deviation: deviation))
    ]
  }

  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    EmbeddingComputation(self, at: place)
  }
}

/// An embedding as an experiment file describes it.
struct EmbeddingDefinition: LayerDefinition {
  let features: Int
  /// Nil for what the data ask of the last layer.
  let vocabulary: Int?
  let deviation: Double

  var kind: String { Self.entry.name }

  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    guard inputShape.count == 1 else {
      throw ShapeMismatch("takes token ids [time], but gets \(shapeLabel(inputShape))")
    }
    return EmbeddingLayer(
      name: name, steps: inputShape[0], vocabulary: vocabulary ?? outputs, features: features,
      deviation: deviation)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "embedding", summary: "a learned vector for each token id",
    reference: "Bengio et al. (2003)",
    hyperparameters: [
      Hyperparameter("features", .integer(1...100_000), default: .integer(128), "vector's length"),
      Hyperparameter(
        "vocabulary", .integer(1...10_000_000), default: .none, optional: true,
        "tokens; null for the classes of the data"),
      Hyperparameter(
        "deviation", .number(.nonnegative), default: .number(1),
        "standard deviation of the initial vectors"),
    ]
  ) {
    EmbeddingDefinition(
      features: $0.integer("features"),
      vocabulary: $0["vocabulary"] == .none ? nil : $0.integer("vocabulary"),
      deviation: $0.number("deviation"))
  }
}

/// deviation·z, the rules of the catalog being for weights.
struct EmbeddingInitialization: Initialization {
  let deviation: Double

  func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float] {
    tensor.drawn { deviation * stream.normal() }
  }
}

private final class EmbeddingComputation: LayerComputation {
  private let steps: Int
  private let features: Int
  private let vocabulary: Int
  private let offset: Int
  private let outputBuffer: FloatBuffer
  /// Ids have no gradient: zeros for the layers before, if any.
  private let inputGradientBuffer: FloatBuffer?

  init(_ layer: EmbeddingLayer, at place: LayerPlace) {
    steps = layer.outputShape[0]
    features = layer.outputShape[1]
    vocabulary = layer.vocabulary
    offset = place.parameterOffset
    outputBuffer = FloatBuffer(count: place.batchSize * steps * features + activationSlack)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient
      ? FloatBuffer(count: place.batchSize * steps + activationSlack) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    for position in 0..<rows * steps {
      (output + position * features).update(
        from: parameters + offset + token(input[position]) * features, count: features)
    }
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    let table = gradient + offset
    table.update(repeating: 0, count: vocabulary * features)
    for position in 0..<rows * steps {
      let sum = table + token(input[position]) * features
      let given = outputGradient + position * features
      for feature in 0..<features { sum[feature] += given[feature] }
    }
    inputGradient?.update(repeating: 0, count: rows * steps)
  }

  @inline(__always)
  private func token(_ id: Float) -> Int {
    guard let token = Int(exactly: id), token >= 0, token < vocabulary else {
      preconditionFailure("\(id) is no token id of a vocabulary of \(vocabulary)")
    }
    return token
  }
}
