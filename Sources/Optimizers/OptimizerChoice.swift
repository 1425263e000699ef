public import Settings

/// One method of an experiment's `optimizers:` on the side of the optimizer: a bare name, or a mapping
/// of `name`, options, `label`, `learning_rate`, `schedule` and `grid`.
public struct OptimizerChoice: Sendable {
  /// The catalog entry with its options; the learning rate among them is the catalog's default.
  public let choice: CatalogChoice<any Optimizer>
  /// What tables call it: the file's `label`, or the name and the options given apart from the
  /// learning rate, such as `adam betas=0.9,0.99`; with the schedule where it has one of its own.
  public private(set) var label: String
  public let optimizer: any Optimizer
  /// The learning rates that the entry itself asks for; nil where it leaves them to the experiment.
  public let learningRates: LearningRateGrid?
  /// The schedule that belongs to it; nil where it leaves it to the experiment.
  public private(set) var schedule: ScheduleChoice?
  /// The points of its grid of hyperparameters beside the learning rate: one without a grid.
  public let variants: [OptimizerVariant]

  /// The keys of an entry beside its name and the options of the catalog.
  public static let keys = ["label", "learning_rate", "schedule", "grid"]

  /// The catalog's learning rate for this optimizer: its base's where it is built around one.
  public var defaultLearningRate: Double { Self.defaultLearningRate(choice.hyperparameters) }

  /// Reads the entry at a place of a file: one method for each schedule that it names.
  ///
  /// - Parameter grid: The axes that the experiment crosses with every optimizer that has them; a
  ///   value that the entry gives itself, or an axis of its own, comes before them.
  public static func readAll(
    _ setting: Setting, grid: SettingMapping? = nil
  ) throws(SettingsError) -> [OptimizerChoice] {
    var mistakes = Mistakes()
    let choice = mistakes.attempt(try optimizerCatalog.choice(at: setting, reserved: keys))
    let given = mistakes.attempt(try setting.value(of: "label").map(readLabel))
    let learningRates = mistakes.attempt(
      try setting.value(of: "learning_rate").map(LearningRateGrid.read))
    let schedules = mistakes.attempt(
      try setting.value(of: "schedule").map(ScheduleChoice.readAll))
    var axes: [HyperparameterAxis]?
    if let choice {
      axes = mistakes.attempt(try readAxes(setting.value(of: "grid"), and: grid, of: choice))
    }
    try mistakes.check()
    guard let choice, let given, let learningRates, let schedules, let axes else {
      preconditionFailure("what could not be read is a mistake")
    }
    let plain = OptimizerChoice(
      choice: choice, label: given ?? choice.label(),
      optimizer: try optimizerCatalog.make(choice, at: setting), learningRates: learningRates,
      schedule: nil,
      variants: try OptimizerVariant.all(of: choice, axes: axes, at: setting))
    guard let schedules else { return [plain] }
    // A label of its own says what the only schedule is as well.
    if schedules.count == 1, given != nil {
      var method = plain
      method.schedule = schedules[0]
      return [method]
    }
    return schedules.map { plain.with($0) }
  }

  /// Reads an entry that stands for one method at one point of its grid.
  public static func read(_ setting: Setting) throws(SettingsError) -> OptimizerChoice {
    let methods = try readAll(setting)
    guard methods.count == 1, methods[0].variants.count == 1 else {
      let key = methods.count > 1 ? "schedule" : "grid"
      throw (setting.value(of: key) ?? setting).error(
        "only one method can stand here; give one value")
    }
    return methods[0]
  }

  /// The options with `learningRate` in place of the default.
  public func hyperparameters(learningRate: Double) -> Hyperparameters {
    variants[0].hyperparameters(learningRate: learningRate)
  }

  /// The name and all options as a JSON object, with `learningRate` in place of the default.
  public func json(learningRate: Double) -> String { variants[0].json(learningRate: learningRate) }

  /// The same with a schedule of its own, which its label names.
  public func with(_ schedule: ScheduleChoice) -> OptimizerChoice {
    var method = self
    method.schedule = schedule
    method.label += " schedule=\(schedule.label)"
    return method
  }

  private static func readAxes(
    _ own: Setting?, and shared: SettingMapping?, of choice: CatalogChoice<any Optimizer>
  ) throws(SettingsError) -> [HyperparameterAxis] {
    var mistakes = Mistakes()
    var axes: [HyperparameterAxis] = []
    let options = choice.entry.hyperparameters.filter { option in
      if case .entry = option.kind { return false }
      return option.name != "learning_rate"
    }
    let mapping = try own?.mapping(
      allowed: options.map(\.name), synonyms: optimizerCatalog.optionSynonyms, noting: &mistakes)
    for key in (mapping?.keys ?? []) + (shared?.keys ?? []) {
      guard let option = options.first(where: { $0.name == key }),
        !axes.contains(where: { $0.name == key })
      else { continue }
      if let place = mapping?[key] {
        if choice.given.contains(key) {
          mistakes.note(place.error("'\(key)' is given beside the grid as well; keep one"))
        }
        if let axis = mistakes.attempt(try HyperparameterAxis.read(option, at: place)) {
          axes.append(axis)
        }
      } else if let place = shared?[key], !choice.given.contains(key),
        let axis = mistakes.attempt(try HyperparameterAxis.read(option, at: place))
      {
        axes.append(axis)
      }
    }
    try mistakes.check()
    return axes
  }
}
