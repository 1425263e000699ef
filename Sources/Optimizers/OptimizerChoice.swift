public import Settings

/// One entry of an experiment's `optimizers:`, which is a bare name or a mapping of `name`, options,
/// `label` and `learning_rate`.
public struct OptimizerChoice: Sendable {
  /// The catalog entry with its options; the learning rate among them is the catalog's default.
  public let choice: CatalogChoice<any Optimizer>
  /// What tables call it: the file's `label`, or the name and the options given apart from the
  /// learning rate, such as `adam betas=0.9,0.99`.
  public let label: String
  public let optimizer: any Optimizer
  /// The learning rates that the entry itself asks for; nil where it leaves them to the experiment.
  public let learningRates: LearningRateGrid?

  /// The catalog's learning rate for this optimizer: its base's where it is built around one.
  public var defaultLearningRate: Double { Self.defaultLearningRate(choice.hyperparameters) }

  /// Reads the entry at a place of a file.
  public static func read(_ setting: Setting) throws(SettingsError) -> OptimizerChoice {
    var mistakes = Mistakes()
    let choice = mistakes.attempt(
      try optimizerCatalog.choice(at: setting, reserved: ["label", "learning_rate"]))
    let given = mistakes.attempt(try setting.value(of: "label").map(readLabel))
    let learningRates = mistakes.attempt(
      try setting.value(of: "learning_rate").map(LearningRateGrid.read))
    try mistakes.check()
    guard let choice, let given, let learningRates else {
      preconditionFailure("what could not be read is a mistake")
    }
    return OptimizerChoice(
      choice: choice, label: given ?? choice.label(),
      optimizer: try optimizerCatalog.make(choice, at: setting), learningRates: learningRates)
  }

  /// The options with `learningRate` in place of the default.
  public func hyperparameters(learningRate: Double) -> Hyperparameters {
    var given: [String: SettingValue] = [:]
    for name in choice.hyperparameters.names { given[name] = choice.hyperparameters[name] }
    given["learning_rate"] = .number(learningRate)
    return Hyperparameters(choice.entry.hyperparameters, given: given)
  }

  /// The name and all options as a JSON object, with `learningRate` in place of the default.
  public func json(learningRate: Double) -> String {
    CatalogChoice(
      entry: choice.entry, hyperparameters: hyperparameters(learningRate: learningRate),
      given: choice.given
    ).json
  }
}
