import LinearAlgebra
import Settings
import Tensors

/// y = f(x Wᵀ + b) with weights W of shape `[outputs, inputs]` and biases b of shape `[outputs]`,
/// as PyTorch's `Linear` followed by an activation. Of a sequence, each time step by itself.
public struct DenseLayer: Layer {
  public let name: String
  public let inputShape: [Int]
  public let outputShape: [Int]
  public let activation: Activation
  private let initialization: any Initialization

  /// A layer of positive size.
  ///
  /// - Parameter inputShape: `[features]` or `[time, features]`.
  public init(
    name: String, inputShape: [Int], outputs: Int, activation: Activation,
    initialization: any Initialization
  ) {
    precondition(
      (1...2).contains(inputShape.count) && inputShape.allSatisfy { $0 > 0 } && outputs > 0,
      "no dense layer from \(inputShape) to \(outputs)")
    self.name = name
    self.inputShape = inputShape
    outputShape = inputShape.dropLast() + [outputs]
    self.activation = activation
    self.initialization = initialization
  }

  /// The features of one time step, or of an example without any.
  var inputs: Int { inputShape[inputShape.count - 1] }
  var outputs: Int { outputShape[outputShape.count - 1] }
  /// The rows of the matrix product for one example.
  var timeSteps: Int { inputShape.count == 2 ? inputShape[0] : 1 }

  public var summary: String { "dense \(inputs)-\(outputs), \(activation.rawValue)" }

  public var tensors: [LayerTensor] {
    [("weight", [outputs, inputs], .weight), ("bias", [outputs], .bias)].map {
      (name: String, shape: [Int], role: ParameterRole) in
      LayerTensor(
        name: name, shape: shape, role: role, fanIn: inputs, fanOut: outputs,
        initialization: initialization)
    }
  }

  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    DenseComputation(self, at: place)
  }
}

/// A dense layer as an experiment file describes it.
public struct DenseDefinition: LayerDefinition {
  /// The features that come out; nil for what the data ask of the last layer.
  let outputs: Int?
  let activation: Activation
  let initialization: any Initialization

  /// - Parameter outputs: The features that come out; nil for what the data ask of the last layer.
  public init(outputs: Int?, activation: Activation, initialization: any Initialization) {
    self.outputs = outputs
    self.activation = activation
    self.initialization = initialization
  }

  public var kind: String { Self.entry.name }

  public func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    guard (1...2).contains(inputShape.count) else {
      throw ShapeMismatch(
        "takes features [n] or a sequence [time, n], but gets \(shapeLabel(inputShape)); "
          + "put 'flatten' before it")
    }
    return DenseLayer(
      name: name, inputShape: inputShape, outputs: self.outputs ?? outputs, activation: activation,
      initialization: initialization)
  }

  static let entry = CatalogEntry<any LayerDefinition>(
    name: "dense", summary: "y = f(x Wᵀ + b); of a sequence, each time step by itself",
    reference: "Rosenblatt (1958)",
    hyperparameters: [
      Hyperparameter(
        "outputs", .integer(1...1_000_000), default: .none, optional: true,
        "features that come out; null for the classes of the data"),
      Activation.option(default: .identity),
    ] + Initializations.options(default: "torch-default")
  ) { options throws(HyperparameterError) in
    DenseDefinition(
      outputs: options["outputs"] == .none ? nil : options.integer("outputs"),
      activation: Activation.chosen(in: options),
      initialization: try Initializations.chosen(in: options))
  }
}

private final class DenseComputation: LayerComputation {
  private let timeSteps: Int
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
    timeSteps = layer.timeSteps
    inputs = layer.inputs
    outputs = layer.outputs
    activation = layer.activation
    weightOffset = place.parameterOffset
    biasOffset = place.parameterOffset + inputs * outputs
    outputBuffer = FloatBuffer(count: place.batchSize * timeSteps * outputs + activationSlack)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient
      ? FloatBuffer(count: place.batchSize * timeSteps * inputs + activationSlack) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    let rows = rows * timeSteps
    outputProduct.multiply(
      input, parameters + weightOffset, into: output, rows: rows, columns: outputs, inner: inputs)
    BiasActivation.forward(
      activation, output, bias: parameters + biasOffset, rows: rows, columns: outputs)
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    let rows = rows * timeSteps
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
