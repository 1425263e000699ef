public import Settings
public import Tensors

/// A rule for the values from which training starts.
public protocol Initialization: Sendable {
  /// The values of a tensor, row-major.
  ///
  /// Computed in `Double` in the order of the elements and rounded to `Float` at the end.
  func values(for tensor: LayerTensor, from stream: inout RandomStream) -> [Float]
}

/// The initialisations that an experiment file can name. Each has the option `gain`.
///
/// Below, z is a standard normal number and u a uniform one in [0, 1), the next of the tensor's
/// stream. Biases are 0 unless stated otherwise; norms start as layers declare them.
public enum Initializations {
  public static let catalog = Catalog<any Initialization>(
    kind: "initialization", synonyms: .initializations,
    VarianceScaling.entries + [
      OrthogonalInitialization.entry, TruncatedNormal.entry, PlainNormal.entry, PlainUniform.entry,
      TorchDefault.entry,
    ])

  /// The option `gain`, which all entries share.
  static let gain = Hyperparameter(
    "gain", .number(.positive), default: .number(1), scale: .logarithmic,
    "factor of the initial weights")
}

extension LayerTensor {
  /// The number of elements.
  var count: Int { shape.reduce(1, *) }

  /// `count` zeros.
  var zeros: [Float] { Array(repeating: 0, count: count) }

  /// `count` values of `next`, in order.
  func drawn(_ next: () -> Double) -> [Float] { (0..<count).map { _ in Float(next()) } }
}

extension Initializations {
  /// The options `initialization` and `gain` of a layer or a model.
  public static func options(
    default initialization: String, gain: Double = 1
  ) -> [Hyperparameter] {
    [
      Hyperparameter(
        "initialization", .choice(catalog.names), default: .text(initialization),
        "rule for the initial weights"),
      Self.gain.withDefault(.number(gain)),
    ]
  }

  /// The initialisation that the options `initialization` and `gain` ask for.
  public static func chosen(
    in options: Hyperparameters
  ) throws(HyperparameterError) -> any Initialization {
    try named(options.text("initialization"), gain: options.number("gain"))
  }

  /// The initialisation in a phrase: `he-normal × 2`.
  public static func label(in options: Hyperparameters) -> String {
    let gain = options.number("gain")
    let name = options.text("initialization")
    return gain == 1 ? name : "\(name) × \(numberLabel(gain))"
  }

  /// The initialisation called `name`, which is in the catalog, with the given gain.
  public static func named(
    _ name: String, gain: Double
  ) throws(HyperparameterError) -> any Initialization {
    guard let entry = catalog.entry(named: name) else {
      throw HyperparameterError(
        "initialization",
        unknownName(
          name, kind: "initialization", candidates: catalog.names,
          synonyms: catalog.synonyms))
    }
    return try entry.make(
      Hyperparameters(entry.hyperparameters, given: ["gain": .number(gain)]))
  }
}
