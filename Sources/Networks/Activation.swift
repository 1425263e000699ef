public import Settings

/// The function that a layer applies to each of its outputs.
///
/// Its derivative is taken from the output, as PyTorch does, so the input need not be kept.
public enum Activation: String, Sendable, CaseIterable {
  /// x.
  case identity
  /// max(x, 0) (Fukushima, 1969); NaN stays NaN. The derivative at 0 is 0.
  case relu
  /// x for x > 0, else 0.01x (Maas, Hannun & Ng, 2013), PyTorch's `LeakyReLU`.
  case leakyRelu = "leaky-relu"
  /// The hyperbolic tangent.
  case tanh
  /// The logistic function 1/(1 + e⁻ˣ).
  case sigmoid

  /// What the function is, in one phrase.
  public var summary: String {
    switch self {
    case .identity: "no nonlinearity"
    case .relu: "max(x, 0)"
    case .leakyRelu: "x where positive, else 0.01x"
    case .tanh: "hyperbolic tangent"
    case .sigmoid: "logistic function"
    }
  }

  /// The slope of `leakyRelu` below 0, PyTorch's default.
  static let leakySlope = 0.01
}

extension Activation {
  /// The option `activation` of a layer or a model.
  public static func option(
    default activation: Activation, _ summary: String = "function of each output"
  ) -> Hyperparameter {
    Hyperparameter(
      "activation", .choice(allCases.map(\.rawValue)), default: .text(activation.rawValue), summary)
  }

  /// The value of the option `activation`.
  public static func chosen(in options: Hyperparameters) -> Activation {
    Activation(rawValue: options.text("activation")) ?? .identity
  }
}
