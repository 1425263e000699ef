/// One option of a catalog entry, as data: its name in YAML, what it may be, what it is by default.
public struct Hyperparameter: Sendable {
  /// What values the option takes.
  public enum Kind: Sendable {
    case number(NumberRange)
    case integer(ClosedRange<Int>)
    /// An integer or one of some words, such as a padding in pixels or `same`.
    case integerOrChoice(ClosedRange<Int>, [String])
    case boolean
    case choice([String])
    /// Any text, such as a path.
    case text
    /// A list of numbers with a fixed length, such as `betas`, or of any length (`count: nil`).
    case numbers(NumberRange, count: Int?)
    /// An entry of a catalog with its own options, such as the optimizer that another is built around.
    case entry(NestedCatalog)
    /// A list of at least one such entry, such as the layers of a model.
    case entries(NestedCatalog)
  }

  /// How the option is best searched or drawn.
  public enum Scale: String, Sendable { case linear, logarithmic }

  public let name: String
  public let kind: Kind
  public let defaultValue: SettingValue
  /// Whether `null` is allowed, with the meaning "off".
  public let isOptional: Bool
  public let scale: Scale
  /// Where it is searched for, one space for each of its numbers; empty where it is not.
  public let search: [SearchSpace]
  /// What the option does, in one phrase.
  public let summary: String

  public init(
    _ name: String, _ kind: Kind, default defaultValue: SettingValue, optional: Bool = false,
    scale: Scale = .linear, search: [SearchSpace] = [], _ summary: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.isOptional = optional
    self.scale = scale
    self.search = search
    self.summary = summary
  }

  /// The same option with another default.
  public func withDefault(_ value: SettingValue) -> Hyperparameter {
    Hyperparameter(
      name, kind, default: value, optional: isOptional, scale: scale, search: search, summary)
  }

  /// Where it is searched for, in words; empty where it is not.
  public var searchText: String { search.map(\.description).joined(separator: "; ") }

  /// What is allowed, in words.
  public var allowed: String {
    let base =
      switch kind {
      case .number(let range): "\(range)"
      case .integer(let range): Self.label(range)
      case .integerOrChoice(let range, let names):
        "\(Self.label(range)), or \(names.joined(separator: ", "))"
      case .boolean: "true or false"
      case .choice(let names): names.joined(separator: ", ")
      case .text: "a text"
      case .numbers(let range, let count):
        "a list of \(count.map { "\($0) numbers" } ?? "numbers"), each \(range)"
      case .entry(let catalog): "the \(catalog.kind)'s name, or a mapping of name and options"
      case .entries(let catalog):
        "a list of \(catalog.kind)s, each a name or a mapping of name and options"
      }
    return isOptional ? "\(base), or null" : base
  }

  private static func label(_ range: ClosedRange<Int>) -> String {
    range.upperBound == .max
      ? "an integer ≥ \(range.lowerBound)"
      : "an integer from \(range.lowerBound) to \(range.upperBound)"
  }

  /// The option's value at a place in a file.
  ///
  /// - Parameter synonyms: What other libraries call its values.
  public func read(
    _ setting: Setting, synonyms: Synonyms = Synonyms()
  ) throws(SettingsError) -> SettingValue {
    if setting.isNull, isOptional { return .none }
    switch kind {
    case .number(let range): return .number(try setting.number(in: range))
    case .integer(let range): return .integer(try setting.integer(in: range))
    case .integerOrChoice(let range, let names):
      // A word is a text; what is none is read, or refused, as an integer.
      guard (try? setting.text()) != nil else {
        return .integer(try setting.integer(in: range))
      }
      return .text(try setting.choice(of: names, kind: name, synonyms: synonyms))
    case .boolean: return .boolean(try setting.boolean())
    case .choice(let names):
      return .text(try setting.choice(of: names, kind: name, synonyms: synonyms))
    case .text: return .text(try setting.text())
    case .numbers(let range, let count):
      let elements = try setting.elements()
      if let count, elements.count != count {
        throw setting.error("\(elements.count) numbers given; allowed: \(allowed)")
      }
      return .numbers(
        try Self.all(elements) { (element) throws(SettingsError) in
          try element.number(in: range)
        })
    case .entry(let catalog): return .entry(try catalog.read(setting))
    case .entries(let catalog):
      let elements = try setting.elements()
      guard !elements.isEmpty else {
        throw setting.error("the list is empty; allowed: \(allowed)")
      }
      return .entries(
        try Self.all(elements) { (element) throws(SettingsError) in try catalog.read(element) })
    }
  }

  /// What `read` gives for each element; what is wrong with any is told of all.
  private static func all<Value>(
    _ elements: [Setting], _ read: (Setting) throws(SettingsError) -> Value
  ) throws(SettingsError) -> [Value] {
    var mistakes = Mistakes()
    var values: [Value] = []
    for element in elements {
      if let value = mistakes.attempt(try read(element)) { values.append(value) }
    }
    try mistakes.check()
    return values
  }
}

/// The values of an entry's options: what the file gave, and the defaults for the rest.
///
/// The typed subscripts trap when the entry asks for an option that it did not declare, or with
/// another type: a programmer's mistake.
public struct Hyperparameters: Sendable, Hashable {
  /// The options in declaration order.
  public let names: [String]
  private var values: [String: SettingValue]

  /// The defaults of `declared`, with `given` in their place.
  public init(_ declared: [Hyperparameter], given: [String: SettingValue] = [:]) {
    names = declared.map(\.name)
    values = [:]
    for option in declared { values[option.name] = given[option.name] ?? option.defaultValue }
    for name in given.keys { precondition(values[name] != nil, "no option '\(name)'") }
  }

  public subscript(name: String) -> SettingValue {
    guard let value = values[name] else { preconditionFailure("no option '\(name)'") }
    return value
  }

  /// The same with another value of an option.
  public func replacing(_ name: String, by value: SettingValue) -> Hyperparameters {
    precondition(values[name] != nil, "no option '\(name)'")
    var other = self
    other.values[name] = value
    return other
  }

  public func number(_ name: String) -> Double {
    guard let value = self[name].asNumber else { preconditionFailure("'\(name)' is no number") }
    return value
  }

  /// The number, or nil where the option is `null`.
  public func optionalNumber(_ name: String) -> Double? { self[name].asNumber }

  public func integer(_ name: String) -> Int {
    guard case .integer(let value) = self[name] else {
      preconditionFailure("'\(name)' is no integer")
    }
    return value
  }

  /// The integer, or nil where the option is `null`.
  public func optionalInteger(_ name: String) -> Int? {
    if case .integer(let value) = self[name] { value } else { nil }
  }

  public func boolean(_ name: String) -> Bool {
    guard case .boolean(let value) = self[name] else {
      preconditionFailure("'\(name)' is no boolean")
    }
    return value
  }

  /// The boolean, or nil where the option is `null`.
  public func optionalBoolean(_ name: String) -> Bool? {
    if case .boolean(let value) = self[name] { value } else { nil }
  }

  public func text(_ name: String) -> String {
    guard case .text(let value) = self[name] else { preconditionFailure("'\(name)' is no text") }
    return value
  }

  /// The text, or nil where the option is `null`.
  public func optionalText(_ name: String) -> String? {
    if case .text(let value) = self[name] { value } else { nil }
  }

  public func numbers(_ name: String) -> [Double] {
    guard case .numbers(let value) = self[name] else {
      preconditionFailure("'\(name)' is no list of numbers")
    }
    return value
  }

  public func entry(_ name: String) -> NestedChoice {
    guard case .entry(let value) = self[name] else { preconditionFailure("'\(name)' is no entry") }
    return value
  }

  public func entries(_ name: String) -> [NestedChoice] {
    guard case .entries(let value) = self[name] else {
      preconditionFailure("'\(name)' is no list of entries")
    }
    return value
  }

  /// The options as JSON fields, in declaration order, without braces.
  public var jsonFields: String { jsonFields(leavingOut: []) }

  func jsonFields(leavingOut hidden: [String]) -> String {
    names.filter { !hidden.contains($0) }.map { "\(jsonText($0)):\(self[$0].json)" }.joined(
      separator: ",")
  }
}
