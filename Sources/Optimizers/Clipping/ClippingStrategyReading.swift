public import Settings
internal import Tensors

extension ClippingStrategy {
  /// The keys of an entry beside its name and the options of the catalog.
  public static let keys = ["label", "at", "on"]

  /// The strategy at a place of a file: `none`, a name, a mapping with `name` and options, or a list
  /// of those, applied in the order written. A mapping may have a `label`, which then names the
  /// whole strategy, a place `at` which its transform works, and the tensors `on` which it does.
  public static func read(_ setting: Setting) throws(SettingsError) -> ClippingStrategy {
    let parts = setting.isSequence ? try setting.elements() : [setting]
    guard !parts.isEmpty else {
      throw setting.error("the list is empty; write none for no clipping")
    }
    var names: [String] = []
    var choices: [CatalogChoice<[any StepTransform]>] = []
    var transforms: [PlacedTransform] = []
    var fields: [String] = []
    var label: String?
    var mistakes = Mistakes()
    var read: [CatalogChoice<[any StepTransform]>] = []
    for part in parts {
      let choice = mistakes.attempt(try clippingCatalog.choice(at: part, reserved: keys))
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
      let placed = try place(made, named: choice.entry.name, at: part)
      names.append(([strategyName(choice)] + words(placed)).joined(separator: " "))
      if !made.isEmpty {
        choices.append(choice)
        fields.append(json(of: choice, placed))
      }
      transforms += placed
    }
    return ClippingStrategy(
      // Beside the words of a place a bare + would be read as one of them.
      label: label ?? names.joined(separator: transforms.allSatisfy(\.isDefault) ? "+" : " + "),
      choices: choices, transforms: transforms,
      fields: fields)
  }

  /// The transforms of an entry where it says `at` and `on`, or by default.
  private static func place(
    _ transforms: [any StepTransform], named name: String, at entry: Setting
  ) throws(SettingsError) -> [PlacedTransform] {
    var mistakes = Mistakes()
    let stage = mistakes.attempt(
      try entry.value(of: "at").map { place throws(SettingsError) in
        try readStage(place, of: transforms, named: name)
      })
    let selection = mistakes.attempt(
      try entry.value(of: "on").map { place throws(SettingsError) in
        guard !transforms.isEmpty else {
          throw place.error("'\(name)' works on no tensor; leave 'on' out")
        }
        return try TensorSelection.read(place)
      })
    try mistakes.check()
    return transforms.map { PlacedTransform($0, at: stage ?? nil, on: (selection ?? nil) ?? .all) }
  }

  private static func readStage(
    _ setting: Setting, of transforms: [any StepTransform], named name: String
  ) throws(SettingsError) -> ClippingStage {
    guard let allowed = transforms.first?.allowedStages else {
      throw setting.error("'\(name)' works nowhere; leave 'at' out")
    }
    let word = try setting.choice(of: ClippingStage.allCases.map(\.rawValue), kind: "place")
    guard let stage = ClippingStage(rawValue: word), allowed.contains(stage) else {
      throw setting.error(
        "'\(name)' cannot work at '\(word)'; allowed: "
          + allowed.map(\.rawValue).joined(separator: ", "))
    }
    return stage
  }

  /// `at update`, `on matrices`, where they are not the default.
  private static func words(_ placed: [PlacedTransform]) -> [String] {
    guard let first = placed.first else { return [] }
    var words: [String] = []
    if first.stage != first.transform.allowedStages[0] {
      words.append("at \(first.stage.rawValue)")
    }
    if first.selection != .all { words.append("on \(first.selection.label)") }
    return words
  }

  /// The entry with its options, and its place and tensors where they are not the default.
  private static func json(
    of choice: CatalogChoice<[any StepTransform]>, _ placed: [PlacedTransform]
  ) -> String {
    guard let first = placed.first, !first.isDefault else { return choice.json }
    var text = String(choice.json.dropLast())
    if first.stage != first.transform.allowedStages[0] {
      text += ",\"at\":\(jsonText(first.stage.rawValue))"
    }
    if first.selection != .all { text += ",\"on\":\(first.selection.json)" }
    return text + "}"
  }

  /// The same strategy, under the same label, with other options of some of its entries.
  func replacing(
    _ options: [Int: Hyperparameters]
  ) throws(HyperparameterError) -> ClippingStrategy {
    var changed: [CatalogChoice<[any StepTransform]>] = []
    var placed: [PlacedTransform] = []
    var fields: [String] = []
    for (index, choice) in choices.enumerated() {
      let own = CatalogChoice(
        entry: choice.entry, hyperparameters: options[index] ?? choice.hyperparameters,
        given: choice.given)
      let made = try own.entry.make(own.hyperparameters)
      let places = transforms[placed.count..<(placed.count + made.count)]
      let replaced = zip(made, places).map {
        PlacedTransform($0, at: $1.stage, on: $1.selection)
      }
      changed.append(own)
      placed += replaced
      fields.append(Self.json(of: own, replaced))
    }
    return ClippingStrategy(label: label, choices: changed, transforms: placed, fields: fields)
  }

  /// The first transform of an entry.
  private func transform(of choice: Int) -> PlacedTransform {
    let before = choices[..<choice].reduce(0) {
      $0 + ((try? $1.entry.make($1.hyperparameters).count) ?? 0)
    }
    return transforms[before]
  }

  /// Whether an entry works on the gradient, or on a mean of gradients.
  func isOnGradient(_ choice: Int) -> Bool {
    [.gradient, .momentum].contains(transform(of: choice).stage)
  }

  /// On how many components, in how many tensors, an entry works.
  func reach(of choice: Int, in layout: ParameterLayout) -> (components: Int, tensors: Int) {
    let selection = transform(of: choice).selection
    let tensors = layout.tensors.filter(selection.contains)
    return (tensors.reduce(0) { $0 + $1.count }, tensors.count)
  }

  /// `global-norm(1)`, with further options as far as the file gave them:
  /// `global-norm(1 norm_type=inf)`.
  private static func strategyName(_ choice: CatalogChoice<[any StepTransform]>) -> String {
    let options = choice.entry.hyperparameters.map(\.name)
    guard let threshold = options.first else { return choice.entry.name }
    let further = choice.given.filter { $0 != threshold }
      .map { "\($0)=\(choice.hyperparameters[$0].label)" }
    let values = [choice.hyperparameters[threshold].label] + further
    return "\(choice.entry.name)(\(values.joined(separator: " ")))"
  }
}
