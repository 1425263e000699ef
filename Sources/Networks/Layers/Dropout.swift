import Settings
import Tensors

/// Drops each element with probability p while training and divides the rest by 1 − p, so that
/// evaluation needs no scaling; in evaluation nothing changes (Srivastava et al., 2014; PyTorch's
/// `Dropout`).
///
/// Element i of the batch (row-major) is dropped where word i of `RandomStream(seed:, name:
/// "dropout/<layer>", part: step)` is below p·2³²: a second gradient on the same step sees the same
/// mask.
public struct DropoutLayer: Layer {
  public let name: String
  public let inputShape: [Int]
  public let rate: Double

  /// - Parameter rate: The probability p in [0, 1).
  public init(name: String, inputShape: [Int], rate: Double) {
    precondition(rate >= 0 && rate < 1, "no dropout with probability \(rate)")
    self.name = name
    self.inputShape = inputShape
    self.rate = rate
  }

  public var outputShape: [Int] { inputShape }
  public var summary: String { "dropout \(rate)" }
  public var tensors: [LayerTensor] { [] }
  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    DropoutComputation(self, at: place)
  }
}

/// Dropout as an experiment file describes it.
public struct DropoutDefinition: LayerDefinition {
  let rate: Double

  /// - Parameter rate: The probability p in [0, 1).
  public init(rate: Double) { self.rate = rate }

  public var kind: String { Self.entry.name }

  public func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    DropoutLayer(name: name, inputShape: inputShape, rate: rate)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "dropout", summary: "drops elements at random while training",
    reference: "Srivastava et al. (2014)",
    hyperparameters: [
      Hyperparameter(
        "rate", .number(.fraction), default: .number(0.5), "probability of dropping an element")
    ]
  ) { DropoutDefinition(rate: $0.number("rate")) }
}

private final class DropoutComputation: LayerComputation {
  private let count: Int
  private let threshold: UInt32
  private let scale: Float
  private let streamName: String
  private let outputBuffer: FloatBuffer
  /// 0 or 1/(1 − p) for each element.
  private let factors: FloatBuffer?
  private let inputGradientBuffer: FloatBuffer?

  init(_ layer: DropoutLayer, at place: LayerPlace) {
    count = layer.inputCount
    threshold = UInt32(layer.rate * 0x1p32)
    scale = Float(1 / (1 - layer.rate))
    streamName = "dropout/\(place.path)"
    let size = place.batchSize * count + activationSlack
    outputBuffer = FloatBuffer(count: size)
    factors = place.isTrained ? FloatBuffer(count: size) : nil
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient ? FloatBuffer(count: size) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    guard pass.isTraining else {
      output.update(from: input, count: rows * count)
      factors?.fill(1)
      return
    }
    guard let factors = factors?.pointer else { preconditionFailure("this layer only evaluates") }
    var stream = RandomStream(
      seed: pass.seed, name: streamName, part: UInt32(truncatingIfNeeded: pass.step))
    for index in 0..<rows * count { factors[index] = stream.nextWord() < threshold ? 0 : scale }
    Self.multiply(input, factors, into: output, count: rows * count)
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    guard let inputGradient, let factors else { return }
    Self.multiply(outputGradient, factors.pointer, into: inputGradient, count: rows * count)
  }

  /// Sixteen at a time, into the slack at the end.
  private static func multiply(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, into z: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    var index = 0
    while index < count {
      Vector.store(Vector.load(x, index) * Vector.load(y, index), z, index)
      index += 16
    }
  }
}
