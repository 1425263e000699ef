import Settings
import Tensors

/// y_t = x_t + p_t: a learned vector for each time step of a sequence `[time, width]`, added to it
/// (Gehring et al., 2017).
///
/// The tensor `weight` `[time, width]`, of role `embedding`, starts at `deviation`·z with standard
/// normal z (0.02 as in GPT-2; PyTorch's `Embedding` has 1).
public struct PositionalEmbedding: Layer {
  public let name: String
  public let inputShape: [Int]
  /// The standard deviation of the initial vectors.
  public let deviation: Double

  /// A layer for sequences of shape `[time, width]`.
  public init(name: String, inputShape: [Int], deviation: Double) {
    precondition(inputShape.count == 2, "no time steps in \(inputShape)")
    self.name = name
    self.inputShape = inputShape
    self.deviation = deviation
  }

  public var outputShape: [Int] { inputShape }
  public var summary: String { "positions of \(inputShape[0]) steps" }

  public var tensors: [LayerTensor] {
    [
      LayerTensor(
        name: "weight", shape: inputShape, role: .embedding, fanIn: 1, fanOut: inputShape[1],
        initialization: EmbeddingInitialization(deviation: deviation))
    ]
  }

  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    PositionalEmbeddingComputation(self, at: place)
  }
}

/// A positional embedding as an experiment file describes it.
struct PositionalEmbeddingDefinition: LayerDefinition {
  let deviation: Double

  var kind: String { Self.entry.name }

  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    guard inputShape.count == 2 else {
      throw ShapeMismatch("takes a sequence [time, width], but gets \(shapeLabel(inputShape))")
    }
    return PositionalEmbedding(name: name, inputShape: inputShape, deviation: deviation)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "positional-embedding", summary: "a learned vector for each time step, added to it",
    reference: "Gehring et al. (2017)",
    hyperparameters: [
      Hyperparameter(
        "deviation", .number(.nonnegative), default: .number(0.02), scale: .logarithmic,
        "standard deviation of the initial vectors")
    ]
  ) { PositionalEmbeddingDefinition(deviation: $0.number("deviation")) }
}

/// The gradient at the input is that at the output, where the layer behind left it.
private final class PositionalEmbeddingComputation: LayerComputation {
  private let count: Int
  private let offset: Int
  private let outputBuffer: FloatBuffer
  private let positions: FloatBuffer
  private(set) var inputGradient: UnsafeMutablePointer<Float>?

  init(_ layer: PositionalEmbedding, at place: LayerPlace) {
    count = layer.inputCount
    offset = place.parameterOffset
    outputBuffer = FloatBuffer(count: place.batchSize * count + activationSlack)
    positions = FloatBuffer(count: count + activationSlack)
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    positions.pointer.update(from: parameters + offset, count: count)
    for row in 0..<rows {
      Pointwise.add(
        input + row * count, positions.pointer, into: output + row * count, count: count)
    }
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    inputGradient = outputGradient
    positions.pointer.update(from: outputGradient, count: count)
    for row in 1..<max(rows, 1) {
      Pointwise.add(
        positions.pointer, outputGradient + row * count, into: positions.pointer, count: count)
    }
    (gradient + offset).update(from: positions.pointer, count: count)
  }
}
