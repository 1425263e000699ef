public import Settings

extension ClippingStrategy {
  /// The strategy at a place of a file: `none`, a name, a mapping with `name` and options, or a list
  /// of those, applied in the order written. A mapping may have a `label`, which then names the
  /// whole strategy.
  public static func read(_ setting: Setting) throws(SettingsError) -> ClippingStrategy {
    let parts = setting.isSequence ? try setting.elements() : [setting]
    guard !parts.isEmpty else {
      throw setting.error("the list is empty; write none for no clipping")
    }
    var names: [String] = []
    var choices: [CatalogChoice<[any ClippingTransform]>] = []
    var transforms: [any ClippingTransform] = []
    var label: String?
    var mistakes = Mistakes()
    var read: [CatalogChoice<[any ClippingTransform]>] = []
    for part in parts {
      let choice = mistakes.attempt(try clippingCatalog.choice(at: part, reserved: ["label"]))
      if let choice { read.append(choice) }
    }
    try mistakes.check()
    for (part, choice) in zip(parts, read) {
      let made = try clippingCatalog.make(choice, at: part)
      if made.isEmpty, parts.count > 1 {
        throw part.error("'\(choice.entry.name)' stands alone: leave it out of the list")
      }
      if let setting = part.value(of: "label") {
        guard label == nil else {
          throw setting.error("the strategy already has the label '\(label ?? "")'; keep one")
        }
        label = try readLabel(setting)
      }
      names.append(strategyName(choice))
      if !made.isEmpty { choices.append(choice) }
      transforms += made
    }
    return ClippingStrategy(
      label: label ?? names.joined(separator: "+"), choices: choices, transforms: transforms)
  }

  /// `global-norm(1)`, with further options as far as the file gave them:
  /// `global-norm(1 norm_type=inf)`.
  private static func strategyName(_ choice: CatalogChoice<[any ClippingTransform]>) -> String {
    let options = choice.entry.hyperparameters.map(\.name)
    guard let threshold = options.first else { return choice.entry.name }
    let further = choice.given.filter { $0 != threshold }
      .map { "\($0)=\(choice.hyperparameters[$0].label)" }
    let values = [choice.hyperparameters[threshold].label] + further
    return "\(choice.entry.name)(\(values.joined(separator: " ")))"
  }
}
