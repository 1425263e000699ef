public import Settings

/// A function with what makes runs of different seeds differ.
public struct NoisyFunction: Sendable {
  package let function: any TestFunction
  /// The standard deviation of a normal number added to each coordinate of the start.
  let startSpread: Double
  /// What each element of each gradient's noise is multiplied by.
  let gradientNoise: Double
  let noise: any NoiseDistribution
}

/// The functions that an experiment file can name.
public enum Functions {
  public static let catalog = Catalog<NoisyFunction>(
    kind: "function", synonyms: .functions, optionSynonyms: .functionOptions,
    [
      Quadratic.entry, QuadraticDeep.entry, Rosenbrock.entry, Beale.entry, Himmelblau.entry,
      Rastrigin.entry, StyblinskiTang.entry, Saddle.entry, Plateau.entry, ExplodingGradient.entry,
      LogisticRegression.entry, MatrixFactorization.entry, Chebyshev.entry,
    ])

  /// An entry for a function, which adds the options that all functions have.
  ///
  /// - Parameter startSpread: The default of that option.
  static func entry(
    name: String, summary: String, reference: String, hyperparameters: [Hyperparameter] = [],
    startSpread: Double = 0.1,
    make: @escaping @Sendable (Hyperparameters) throws(HyperparameterError) -> any TestFunction
  ) -> CatalogEntry<NoisyFunction> {
    CatalogEntry(
      name: name, summary: summary, reference: reference,
      hyperparameters: hyperparameters + [
        Hyperparameter(
          "start_spread", .number(.nonnegative), default: .number(startSpread),
          "standard deviation of the start around the standard one, per seed"),
        Hyperparameter(
          "gradient_noise", .number(.nonnegative), default: .number(0),
          "what the noise on each gradient element is multiplied by"),
        Hyperparameter(
          "noise",
          .entry(
            NestedCatalog(kind: "noise", hiding: [], advice: "") { NoiseDistributions.catalog }),
          default: .entry(NestedChoice(NormalNoise.entry, hiding: [])),
          "its distribution: \(NoiseDistributions.catalog.names.joined(separator: ", "))"),
      ]
    ) { options throws(HyperparameterError) in
      NoisyFunction(
        function: try make(options), startSpread: options.number("start_spread"),
        gradientNoise: options.number("gradient_noise"),
        noise: try NoiseDistributions.catalog.make(options.entry("noise"), as: "noise"))
    }
  }
}

extension Hyperparameter {
  /// The option `dimension` of a function of any number of variables.
  static func dimension(_ range: ClosedRange<Int>, default value: Int) -> Hyperparameter {
    Hyperparameter("dimension", .integer(range), default: .integer(value), "number of variables")
  }
}
