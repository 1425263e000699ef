import LinearAlgebra
import Tensors

/// y = f(W ⋆ x + b) over the windows of images `[height, width, channels]`, with weights W of shape
/// `[channels out, channels in / groups, window, window]` and biases b of shape `[channels out]`: as
/// PyTorch's `Conv2d` (a cross-correlation, padded with zeros) followed by an activation.
///
/// Images lie channels last where PyTorch has `[channels, height, width]`; the weights have PyTorch's
/// order.
public struct ConvolutionLayer: Layer {
  public let name: String
  public let activation: Activation
  public let hasBias: Bool
  let shape: ConvolutionShape
  public let window: SlidingWindow
  private let initialization: any Initialization

  /// - Parameter hasBias: Whether biases are added; to be left out before a batch norm.
  /// - Throws: Why the images do not fit.
  public init(
    name: String, inputShape: [Int], channels: Int, window: SlidingWindow, groups: Int = 1,
    hasBias: Bool = true, activation: Activation, initialization: any Initialization
  ) throws(ShapeMismatch) {
    let image = try imageSizes(inputShape)
    guard image.channels % groups == 0 && channels % groups == 0 else {
      throw ShapeMismatch(
        "\(groups) groups do not divide \(image.channels) channels in and \(channels) out")
    }
    let rows = try window.places(along: image.height)
    let columns = try window.places(along: image.width)
    self.name = name
    self.activation = activation
    self.hasBias = hasBias
    self.window = window
    self.initialization = initialization
    shape = ConvolutionShape(
      height: image.height, width: image.width, channels: image.channels, outputChannels: channels,
      groups: groups, window: window.size, stride: window.stride, paddingTop: rows.before,
      paddingLeft: columns.before, paddingBottom: rows.behind, paddingRight: columns.behind)
  }

  public var inputShape: [Int] { [shape.height, shape.width, shape.channels] }
  public var outputShape: [Int] {
    [shape.outputHeight, shape.outputWidth, shape.outputChannels]
  }

  public var summary: String {
    "convolution \(shape.channels)-\(shape.outputChannels), \(window.label)"
      + (shape.groups == 1 ? "" : ", \(shape.groups) groups")
      + "\(hasBias ? "" : ", no bias"), \(activation.rawValue)"
  }

  public var tensors: [LayerTensor] {
    let pixels = window.size * window.size
    let fanIn = shape.channels / shape.groups * pixels
    let weight = (
      "weight", [shape.outputChannels, shape.channels / shape.groups, window.size, window.size],
      ParameterRole.weight
    )
    let bias = ("bias", [shape.outputChannels], ParameterRole.bias)
    return (hasBias ? [weight, bias] : [weight]).map { name, shape, role in
      LayerTensor(
        name: name, shape: shape, role: role, fanIn: fanIn,
        fanOut: self.shape.outputChannels * pixels, initialization: initialization)
    }
  }

  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    ConvolutionComputation(self, at: place)
  }
}

private final class ConvolutionComputation: LayerComputation {
  private let shape: ConvolutionShape
  private let activation: Activation
  private let hasBias: Bool
  private let weightOffset: Int
  private let convolution: PreparedConvolution
  /// What stands for the biases and their gradient where the layer has none.
  private let noBias: FloatBuffer
  private let outputBuffer: FloatBuffer
  private let inputGradientBuffer: FloatBuffer?

  init(_ layer: ConvolutionLayer, at place: LayerPlace) {
    shape = layer.shape
    activation = layer.activation
    hasBias = layer.hasBias
    weightOffset = place.parameterOffset
    convolution = PreparedConvolution(shape)
    noBias = FloatBuffer(count: layer.hasBias ? 0 : shape.outputChannels)
    outputBuffer = FloatBuffer(count: place.batchSize * shape.outputCount + activationSlack)
    inputGradientBuffer =
      place.isTrained && place.needsInputGradient
      ? FloatBuffer(count: place.batchSize * shape.inputCount + activationSlack) : nil
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }
  var inputGradient: UnsafeMutablePointer<Float>? { inputGradientBuffer?.pointer }
  private var biasOffset: Int { weightOffset + shape.weightCount }

  /// The pixels of the first `rows` outputs: rows of a matrix whose columns are the channels.
  private func pixels(_ rows: Int) -> Int { rows * shape.outputHeight * shape.outputWidth }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    convolution.output(input, weights: parameters + weightOffset, into: output, rows: rows)
    guard hasBias || activation != .identity else { return }
    BiasActivation.forward(
      activation, output, bias: hasBias ? parameters + biasOffset : UnsafePointer(noBias.pointer),
      rows: pixels(rows), columns: shape.outputChannels)
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    if hasBias || activation != .identity {
      BiasActivation.backward(
        activation, outputGradient, outputs: output,
        biasGradient: hasBias ? gradient + biasOffset : noBias.pointer, rows: pixels(rows),
        columns: shape.outputChannels)
      if !hasBias { noBias.fill(0) }
    }
    convolution.weightGradient(
      input: input, outputGradient: outputGradient, into: gradient + weightOffset, rows: rows)
    if let inputGradient {
      convolution.inputGradient(
        outputGradient: outputGradient, weights: parameters + weightOffset, into: inputGradient,
        rows: rows)
    }
  }
}
