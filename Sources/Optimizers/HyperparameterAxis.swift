public import Settings

/// A hyperparameter with the values at which every method that has it is run: one axis of a grid.
///
/// A file writes a list of values, or `{from: 1.0e-4, to: 0.1, points: 4}` for numbers at equal
/// ratios.
public struct HyperparameterAxis: Sendable, Hashable {
  public let name: String
  public let values: [SettingValue]

  /// The axis at a place of a file.
  static func read(
    _ option: Hyperparameter, at setting: Setting
  ) throws(SettingsError) -> HyperparameterAxis {
    var values: [SettingValue] = []
    if setting.isMapping, case .number = option.kind {
      for value in try LearningRateGrid.read(setting).values {
        // What the option does not allow is refused with the grid.
        let place = try Setting.parse("\(value)", file: setting.file)
        do {
          values.append(try option.read(place))
        } catch {
          throw setting.error(error.problem)
        }
      }
    } else {
      var mistakes = Mistakes()
      for element in try setting.elements() {
        guard let value = mistakes.attempt(try option.read(element)) else { continue }
        if values.contains(value) {
          mistakes.note(element.error("\(value.label) is given twice; keep one"))
        }
        values.append(value)
      }
      try mistakes.check()
    }
    guard !values.isEmpty else {
      throw setting.error("the list is empty; give at least one value")
    }
    return HyperparameterAxis(name: option.name, values: values)
  }
}

/// An optimizer at one point of its grid of hyperparameters.
public struct OptimizerVariant: Sendable {
  /// The crossed hyperparameters, in the order of the file.
  public let values: [(name: String, value: SettingValue)]
  /// All options; the learning rate among them is the catalog's default.
  public let choice: CatalogChoice<any Optimizer>
  public let optimizer: any Optimizer
  /// Whether every crossed hyperparameter has the value that it has without a grid.
  public let isDefault: Bool

  /// The options with `learningRate` in place of the default.
  public func hyperparameters(learningRate: Double) -> Hyperparameters {
    var given = choice.values
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

  /// Every combination of the values of `axes`; the choice itself where there is no axis.
  static func all(
    of choice: CatalogChoice<any Optimizer>, axes: [HyperparameterAxis], at setting: Setting
  ) throws(SettingsError) -> [OptimizerVariant] {
    var points: [[(name: String, value: SettingValue)]] = [[]]
    for axis in axes {
      points = points.flatMap { point in axis.values.map { point + [(axis.name, $0)] } }
    }
    var variants: [OptimizerVariant] = []
    for point in points {
      var values = choice.values
      for (name, value) in point { values[name] = value }
      let own = CatalogChoice(
        entry: choice.entry,
        hyperparameters: Hyperparameters(choice.entry.hyperparameters, given: values),
        given: choice.given)
      variants.append(
        OptimizerVariant(
          values: point, choice: own, optimizer: try optimizerCatalog.make(own, at: setting),
          isDefault: point.allSatisfy { choice.hyperparameters[$0.name] == $0.value }))
    }
    return variants
  }
}

extension CatalogChoice {
  /// The values of all options by name.
  fileprivate var values: [String: SettingValue] {
    Dictionary(uniqueKeysWithValues: hyperparameters.names.map { ($0, hyperparameters[$0]) })
  }
}
