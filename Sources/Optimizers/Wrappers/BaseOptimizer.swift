internal import Settings

/// The options that make an optimizer be built around another.
extension Hyperparameter {
  /// The optimizer inside, whose learning rate is the outer one's.
  static func base(_ entry: CatalogEntry<any Optimizer>) -> Hyperparameter {
    Hyperparameter(
      "base",
      .entry(
        NestedCatalog(
          kind: "optimizer", hiding: ["learning_rate"],
          advice: "the base moves at the learning rate of the optimizer around it; give it there"
        ) { optimizerCatalog }), default: .entry(NestedChoice(entry, hiding: ["learning_rate"])),
      "the optimizer inside: a name, or a mapping of name and options")
  }
}

extension Hyperparameters {
  /// The optimizer inside.
  func makeBase() throws(HyperparameterError) -> any Optimizer {
    try optimizerCatalog.make(entry("base"), as: "base")
  }
}

extension OptimizerChoice {
  /// The learning rate that suits a choice: for an optimizer around another the inner one's, unless
  /// the outer declares one of its own.
  static func defaultLearningRate(_ options: Hyperparameters) -> Double {
    guard options.names.contains("base") else { return options.number("learning_rate") }
    return defaultLearningRate(options.entry("base").hyperparameters)
  }
}
