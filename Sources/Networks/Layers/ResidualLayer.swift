import Settings
import Tensors

/// y = x + f(x) with f a chain of layers whose output has the shape of its input (He et al., 2016).
///
/// `layers` lists the chain as a model does. Its tensors are named after the layers within:
/// `residual1.dense1.weight`. No activation follows the sum; list one where it is wanted. A shortcut
/// is always the input itself: PyTorch's ResNets also have projections where shapes change.
public struct ResidualLayer: Layer {
  public let name: String
  public let layers: [any Layer]

  /// A sum over at least one layer; the last gives the shape that the first takes.
  public init(name: String, layers: [any Layer]) {
    precondition(
      layers.first?.inputShape == layers.last?.outputShape && !layers.isEmpty,
      "\(name) cannot add its layers' output to their input")
    self.name = name
    self.layers = layers
  }

  public var inputShape: [Int] { layers[0].inputShape }
  public var outputShape: [Int] { inputShape }
  public var summary: String { "x + [\(layers.map(\.summary).joined(separator: ", "))]" }
  public var tensors: [LayerTensor] { Self.tensors(of: layers) }
  public var buffers: [LayerBuffer] { Self.buffers(of: layers) }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    ResidualComputation(self, at: place)
  }
}

/// A residual connection as an experiment file describes it.
struct ResidualDefinition: LayerDefinition {
  let layers: [any LayerDefinition]

  var kind: String { Self.entry.name }

  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    let chain = try Layers.chain(layers, inputShape: inputShape, outputs: outputs)
    if let last = chain.last, last.outputShape != inputShape {
      throw ShapeMismatch(
        "adds its input, \(shapeLabel(inputShape)), to what its layers give, which must have that "
          + "shape; the last, \(last.name), gives \(shapeLabel(last.outputShape))")
    }
    return ResidualLayer(name: name, layers: chain)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "residual", summary: "x + f(x) with f a list of layers", reference: "He et al. (2016)",
    hyperparameters: [Layers.listOption("layers of f, whose output has the shape of x")]
  ) { options throws(HyperparameterError) in
    ResidualDefinition(layers: try Layers.listed(in: options))
  }
}

private final class ResidualComputation: LayerComputation {
  private let count: Int
  private let chain: ChainComputation
  private let outputBuffer: FloatBuffer
  private let inputGradientBuffer: FloatBuffer?

  init(_ layer: ResidualLayer, at place: LayerPlace) {
    count = layer.inputCount
    chain = ChainComputation(layer.layers, at: place)
    outputBuffer = FloatBuffer(count: place.batchSize * count + activationSlack)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient
      ? FloatBuffer(count: place.batchSize * count + activationSlack) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }
  var auxiliaryLoss: Double { chain.auxiliaryLoss }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    chain.forward(input: input, rows: rows, parameters: parameters, pass: pass)
    Pointwise.add(input, chain.output, into: output, count: rows * count)
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    // The chain may overwrite what it is given.
    inputGradient?.update(from: outputGradient, count: rows * count)
    chain.backward(
      input: input, rows: rows, parameters: parameters, outputGradient: outputGradient,
      gradient: gradient, pass: pass)
    if let inputGradient, let throughChain = chain.inputGradient {
      Pointwise.add(inputGradient, throughChain, into: inputGradient, count: rows * count)
    }
  }
}
