import LinearAlgebra
import Tensors

/// y = f(x Wᵀ + b) with weights W of shape `[outputs, inputs]` and biases b of shape `[outputs]`,
/// as PyTorch's `Linear` followed by an activation.
public struct DenseLayer: Layer {
  public let name: String
  public let inputCount: Int
  public let outputCount: Int
  public let activation: Activation
  private let initialization: any Initialization

  /// A layer of positive size.
  public init(
    name: String, inputs: Int, outputs: Int, activation: Activation,
    initialization: any Initialization
  ) {
    precondition(inputs > 0 && outputs > 0, "no dense layer from \(inputs) to \(outputs)")
    self.name = name
    inputCount = inputs
    outputCount = outputs
    self.activation = activation
    self.initialization = initialization
  }

  public var summary: String { "dense \(inputCount)-\(outputCount), \(activation.rawValue)" }

  public var tensors: [LayerTensor] {
    [("weight", [outputCount, inputCount], .weight), ("bias", [outputCount], .bias)].map {
      (name: String, shape: [Int], role: ParameterRole) in
      LayerTensor(
        name: name, shape: shape, role: role, fanIn: inputCount, fanOut: outputCount,
        initialization: initialization)
    }
  }

  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    DenseComputation(self, at: place)
  }
}

private final class DenseComputation: LayerComputation {
  private let inputs: Int
  private let outputs: Int
  private let activation: Activation
  private let weightOffset: Int
  private let biasOffset: Int
  private let outputBuffer: FloatBuffer
  private let inputGradientBuffer: FloatBuffer?
  private let outputProduct = PreparedProduct(transposingB: true)
  private let weightGradientProduct = PreparedProduct(transposingA: true)
  private let inputGradientProduct = PreparedProduct()

  init(_ layer: DenseLayer, at place: LayerPlace) {
    inputs = layer.inputCount
    outputs = layer.outputCount
    activation = layer.activation
    weightOffset = place.parameterOffset
    biasOffset = place.parameterOffset + inputs * outputs
    outputBuffer = FloatBuffer(count: place.batchSize * outputs + activationSlack)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient
      ? FloatBuffer(count: place.batchSize * inputs + activationSlack) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    outputProduct.multiply(
      input, parameters + weightOffset, into: output, rows: rows, columns: outputs, inner: inputs)
    BiasActivation.forward(
      activation, output, bias: parameters + biasOffset, rows: rows, columns: outputs)
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    BiasActivation.backward(
      activation, outputGradient, outputs: output, biasGradient: gradient + biasOffset, rows: rows,
      columns: outputs)
    weightGradientProduct.multiply(
      outputGradient, input, into: gradient + weightOffset, rows: outputs, columns: inputs,
      inner: rows)
    if let inputGradient {
      inputGradientProduct.multiply(
        outputGradient, parameters + weightOffset, into: inputGradient, rows: rows,
        columns: inputs, inner: outputs)
    }
  }
}
