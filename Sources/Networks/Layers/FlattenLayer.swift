import Settings
import Tensors

/// The floats of an example as one list of features, in the order in which they lie.
///
/// Of images that is height, width, channels, where PyTorch's `Flatten` gives channels, height,
/// width: the columns of the dense layer behind it come in another order.
public struct FlattenLayer: Layer {
  public let name: String
  public let inputShape: [Int]

  public init(name: String, inputShape: [Int]) {
    self.name = name
    self.inputShape = inputShape
  }

  public var outputShape: [Int] { [inputShape.reduce(1, *)] }
  public var summary: String { "flatten \(shapeLabel(inputShape))" }
  public var tensors: [LayerTensor] { [] }
  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    FlattenComputation(self, at: place)
  }
}

/// A flattening as an experiment file or a model describes it.
public struct FlattenDefinition: LayerDefinition {
  public init() {}

  public var kind: String { Self.entry.name }

  public func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    FlattenLayer(name: name, inputShape: inputShape)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "flatten", summary: "an image or a sequence as one list of features", reference: "",
    hyperparameters: []
  ) { _ in FlattenDefinition() }
}

/// A copy: each layer owns its outputs, and the copy costs less than a hundredth of the products
/// around it.
private final class FlattenComputation: LayerComputation {
  private let count: Int
  private let outputBuffer: FloatBuffer
  private let inputGradientBuffer: FloatBuffer?

  init(_ layer: FlattenLayer, at place: LayerPlace) {
    count = layer.inputCount
    outputBuffer = FloatBuffer(count: place.batchSize * count + activationSlack)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient
      ? FloatBuffer(count: place.batchSize * count + activationSlack) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    output.update(from: input, count: rows * count)
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    inputGradient?.update(from: outputGradient, count: rows * count)
  }
}
