public import Settings

/// A function of several variables to be minimised, without data.
public protocol TestFunction: Sendable {
  /// The function in a phrase, with its dimension.
  var summary: String { get }
  var dimension: Int { get }
  /// The greatest lower bound of the values.
  var lowerBound: Double { get }
  /// The values' natural unit, positive: what counts as one in judging an explosion.
  var unit: Double { get }
  /// The standard starting point.
  var start: [Double] { get }

  /// The value at `x` in `Double`, and the gradient rounded to `Float`.
  func value(at x: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>?) -> Double
}

/// A function with the noise that makes runs of different seeds differ.
public struct NoisyFunction: Sendable {
  let function: any TestFunction
  /// The standard deviation of a normal number added to each coordinate of the start.
  let startSpread: Double
  /// The standard deviation of a normal number added to each element of each gradient.
  let gradientNoise: Double
}

/// The functions that an experiment file can name.
public enum Functions {
  public static let catalog = Catalog<NoisyFunction>(kind: "function", [Rosenbrock.entry])

  /// An entry for a function, which adds the options that all functions have.
  static func entry(
    name: String, summary: String, reference: String, hyperparameters: [Hyperparameter],
    make: @escaping @Sendable (Hyperparameters) throws(HyperparameterError) -> any TestFunction
  ) -> CatalogEntry<NoisyFunction> {
    CatalogEntry(
      name: name, summary: summary, reference: reference,
      hyperparameters: hyperparameters + [
        Hyperparameter(
          "start_spread", .number(.nonnegative), default: .number(0.1),
          "standard deviation of the start around the standard one, per seed"),
        Hyperparameter(
          "gradient_noise", .number(.nonnegative), default: .number(0),
          "standard deviation of the noise on each gradient element"),
      ]
    ) { options throws(HyperparameterError) in
      NoisyFunction(
        function: try make(options), startSpread: options.number("start_spread"),
        gradientNoise: options.number("gradient_noise"))
    }
  }
}
