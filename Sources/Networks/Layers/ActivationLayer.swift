import Settings
import Tensors

/// A function of each element, for any shape; no parameters. As in PyTorch:
///
/// | layer | f(x) |
/// |---|---|
/// | `relu` | max(x, 0); NaN stays NaN, the derivative at 0 is 0 |
/// | `leaky-relu` | x for x > 0, else `negative_slope`·x |
/// | `tanh` | the hyperbolic tangent |
/// | `sigmoid` | 1/(1 + e⁻ˣ) |
/// | `gelu` | x·Φ(x) with the normal distribution Φ, or 0.5x(1 + tanh(√(2/π)(x + 0.044715x³))) |
/// | `silu` | x/(1 + e⁻ˣ), also called swish |
///
/// A convolution or a dense layer applies the first four itself, without memory of their own, where
/// its option `activation` names one.
public struct ActivationLayer: Layer {
  /// What the layer applies.
  public enum Function: Sendable, Equatable {
    case relu
    case leakyRelu(negativeSlope: Double)
    case tanh
    case sigmoid
    case gelu
    case geluByTanh
    case silu

    /// One of each kind, with PyTorch's defaults.
    static let plain: [Function] = [
      .relu, .leakyRelu(negativeSlope: Activation.leakySlope), .tanh, .sigmoid, .gelu, .silu,
    ]

    /// The name in an experiment file.
    var kind: String {
      switch self {
      case .relu: "relu"
      case .leakyRelu: "leaky-relu"
      case .tanh: "tanh"
      case .sigmoid: "sigmoid"
      case .gelu, .geluByTanh: "gelu"
      case .silu: "silu"
      }
    }
  }

  public let name: String
  public let inputShape: [Int]
  public let function: Function

  /// A layer for examples of `shape`.
  public init(name: String, shape: [Int], function: Function) {
    self.name = name
    inputShape = shape
    self.function = function
  }

  public var outputShape: [Int] { inputShape }
  public var summary: String { function.kind }
  public var tensors: [LayerTensor] { [] }
  public var buffers: [LayerBuffer] { [] }

  public func makeComputation(at place: LayerPlace) -> any LayerComputation {
    ActivationComputation(self, at: place)
  }
}

/// An activation as an experiment file describes it.
struct ActivationDefinition: LayerDefinition {
  let function: ActivationLayer.Function

  var kind: String { function.kind }

  func makeLayer(
    name: String, inputShape: [Int], outputs: Int
  ) throws(ShapeMismatch) -> any Layer {
    ActivationLayer(name: name, shape: inputShape, function: function)
  }

  static let entries: [CatalogEntry<any LayerDefinition>] = [
    plain(name: "relu", "max(x, 0)", "Fukushima (1969)", .relu),
    CatalogEntry(
      name: "leaky-relu", summary: "x where positive, else a small share of it",
      reference: "Maas, Hannun & Ng (2013)",
      hyperparameters: [
        Hyperparameter(
          "negative_slope", .number(.nonnegative), default: .number(Activation.leakySlope),
          "factor of negative inputs")
      ]
    ) { ActivationDefinition(function: .leakyRelu(negativeSlope: $0.number("negative_slope"))) },
    plain(name: "tanh", "hyperbolic tangent", "", .tanh),
    plain(name: "sigmoid", "logistic function", "", .sigmoid),
    CatalogEntry(
      name: "gelu", summary: "x times the normal distribution at x",
      reference: "Hendrycks & Gimpel (2016)",
      hyperparameters: [
        Hyperparameter(
          "approximate", .choice(["none", "tanh"]), default: .text("none"),
          "the distribution itself, or its approximation by tanh")
      ]
    ) {
      ActivationDefinition(function: $0.text("approximate") == "tanh" ? .geluByTanh : .gelu)
    },
    plain(name: "silu", "x times the logistic function", "Elfwing, Uchibe & Doya (2018)", .silu),
  ]

  private static func plain(
    name: String, _ summary: String, _ reference: String, _ function: ActivationLayer.Function
  ) -> CatalogEntry<any LayerDefinition> {
    CatalogEntry(name: name, summary: summary, reference: reference, hyperparameters: []) { _ in
      ActivationDefinition(function: function)
    }
  }
}

/// The gradient is computed where the layer behind left it.
private final class ActivationComputation: LayerComputation {
  private let function: ActivationLayer.Function
  private let count: Int
  private let isPassingBack: Bool
  private let outputBuffer: FloatBuffer
  private(set) var inputGradient: UnsafeMutablePointer<Float>?

  init(_ layer: ActivationLayer, at place: LayerPlace) {
    function = layer.function
    count = layer.inputCount
    isPassingBack = place.isTrained && place.needsInputGradient
    outputBuffer = FloatBuffer(count: place.batchSize * count + activationSlack)
  }

  var output: UnsafeMutablePointer<Float> { outputBuffer.pointer }

  func forward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>, pass: Pass
  ) {
    let count = rows * self.count
    switch function {
    case .relu: Pointwise.apply(FromOutput<Relu>(), input, into: output, count: count)
    case .leakyRelu(let slope):
      Pointwise.apply(
        SlopedRelu(slope: Lanes(repeating: Float(slope))), input, into: output, count: count)
    case .tanh: Pointwise.apply(FromOutput<Tanh>(), input, into: output, count: count)
    case .sigmoid: Pointwise.apply(FromOutput<Sigmoid>(), input, into: output, count: count)
    case .gelu: Pointwise.apply(NormalGelu(), input, into: output, count: count)
    case .geluByTanh: Pointwise.apply(TanhGelu(), input, into: output, count: count)
    case .silu: Pointwise.apply(LogisticSilu(), input, into: output, count: count)
    }
  }

  func backward(
    input: UnsafePointer<Float>, rows: Int, parameters: UnsafePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>, pass: Pass
  ) {
    guard isPassingBack else { return }
    switch function {
    case .relu: backward(FromOutput<Relu>(), input, rows, outputGradient)
    case .leakyRelu(let slope):
      backward(SlopedRelu(slope: Lanes(repeating: Float(slope))), input, rows, outputGradient)
    case .tanh: backward(FromOutput<Tanh>(), input, rows, outputGradient)
    case .sigmoid: backward(FromOutput<Sigmoid>(), input, rows, outputGradient)
    case .gelu: backward(NormalGelu(), input, rows, outputGradient)
    case .geluByTanh: backward(TanhGelu(), input, rows, outputGradient)
    case .silu: backward(LogisticSilu(), input, rows, outputGradient)
    }
    inputGradient = outputGradient
  }

  @inline(__always)
  private func backward<F: PointwiseFunction>(
    _ function: F, _ input: UnsafePointer<Float>, _ rows: Int, _ g: UnsafeMutablePointer<Float>
  ) {
    Pointwise.applyGradient(function, to: g, input: input, output: output, count: rows * count)
  }
}
