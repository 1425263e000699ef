/// One thing that an experiment file can name, as data: what it is called, what options it has,
/// how to make it. Reading YAML, `optbench list`, help, the documentation's tables, the contract
/// tests and the reports' labels all derive from it.
public struct CatalogEntry<Product>: Sendable {
  public let name: String
  /// What it is, in one phrase without a full stop.
  public let summary: String
  /// Where it comes from: authors and year.
  public let reference: String
  public let hyperparameters: [Hyperparameter]
  /// Makes it from its options.
  public let make: @Sendable (Hyperparameters) throws(HyperparameterError) -> Product

  public init(
    name: String, summary: String, reference: String, hyperparameters: [Hyperparameter],
    make: @escaping @Sendable (Hyperparameters) throws(HyperparameterError) -> Product
  ) {
    self.name = name
    self.summary = summary
    self.reference = reference
    self.hyperparameters = hyperparameters
    self.make = make
  }
}

/// An entry that an experiment file chose, with the options it gave.
public struct CatalogChoice<Product>: Sendable {
  public let entry: CatalogEntry<Product>
  public let hyperparameters: Hyperparameters
  /// The options that the file gave, in declaration order.
  public let given: [String]

  public init(entry: CatalogEntry<Product>, hyperparameters: Hyperparameters, given: [String]) {
    self.entry = entry
    self.hyperparameters = hyperparameters
    self.given = given
  }

  /// The entry's name and the options given, such as `adam betas=0.9,0.99`; what it is built around
  /// stands in brackets, given or not: `sam(adam) rho=0.1`.
  public func label(leavingOut hidden: Set<String> = []) -> String {
    catalogLabel(
      entry.name, hyperparameters, options: given.filter { !hidden.contains($0) })
  }

  /// The name and all options as a JSON object.
  public var json: String {
    let fields = hyperparameters.jsonFields
    return "{\"name\":\(jsonText(entry.name))" + (fields.isEmpty ? "}" : ",\(fields)}")
  }
}

/// All entries of one kind, in the order of the documentation.
public struct Catalog<Product>: Sendable {
  /// What the entries are, in the singular: "optimizer".
  public let kind: String
  public let entries: [CatalogEntry<Product>]
  /// What other libraries call the entries.
  public let synonyms: Synonyms
  /// What other libraries call the entries' options.
  public let optionSynonyms: Synonyms

  public init(
    kind: String, synonyms: Synonyms = Synonyms(), optionSynonyms: Synonyms = Synonyms(),
    _ entries: [CatalogEntry<Product>]
  ) {
    self.kind = kind
    self.synonyms = synonyms
    self.optionSynonyms = optionSynonyms
    self.entries = entries
  }

  public var names: [String] { entries.map(\.name) }

  /// The entry called `name`.
  public func entry(named name: String) -> CatalogEntry<Product>? {
    entries.first { $0.name == name }
  }

  /// The entry that a place in a file names: a bare name, or a mapping with `name` and options.
  ///
  /// - Parameter reserved: Keys of the mapping that the caller reads itself, such as `label`.
  public func choice(
    at setting: Setting, reserved: [String] = []
  ) throws(SettingsError) -> CatalogChoice<Product> {
    let nameSetting: Setting
    if setting.isMapping {
      guard let value = setting.value(of: "name") else {
        throw setting.error("the key 'name' is missing; allowed: \(names.joined(separator: ", "))")
      }
      nameSetting = value
    } else {
      nameSetting = setting
    }
    let name = try nameSetting.choice(of: names, kind: kind, synonyms: synonyms)
    guard let entry = entry(named: name) else { preconditionFailure("no entry '\(name)'") }
    var values: [String: SettingValue] = [:]
    if setting.isMapping {
      let options = entry.hyperparameters.filter { !reserved.contains($0.name) }
      var mistakes = Mistakes()
      let mapping = try setting.mapping(
        allowed: ["name"] + reserved + options.map(\.name), synonyms: optionSynonyms,
        noting: &mistakes)
      for option in options {
        guard let value = mapping[option.name] else { continue }
        values[option.name] = mistakes.attempt(
          try option.read(value, synonyms: optionSynonyms))
      }
      try mistakes.check()
    }
    return CatalogChoice(
      entry: entry, hyperparameters: Hyperparameters(entry.hyperparameters, given: values),
      given: entry.hyperparameters.map(\.name).filter { values[$0] != nil })
  }

  /// Makes the entry that `choice` names; what it refuses becomes an error at `setting`.
  public func make(
    _ choice: CatalogChoice<Product>, at setting: Setting
  ) throws(SettingsError) -> Product {
    do {
      return try choice.entry.make(choice.hyperparameters)
    } catch {
      throw setting.nearest(to: error.name).error(error.problem)
    }
  }

  /// Makes the entry that stands as the option `name` of another; what it refuses is refused as
  /// `name.option`.
  public func make(
    _ choice: NestedChoice, as name: String
  ) throws(HyperparameterError) -> Product {
    guard let entry = entry(named: choice.name) else {
      preconditionFailure("no entry '\(choice.name)'")
    }
    do {
      return try entry.make(choice.hyperparameters)
    } catch {
      throw HyperparameterError("\(name).\(error.name)", error.problem)
    }
  }

  /// Makes the entries that stand as the list `name` of another; what one refuses is refused as
  /// `name[position].option`.
  public func make(
    _ choices: [NestedChoice], as name: String
  ) throws(HyperparameterError) -> [Product] {
    var products: [Product] = []
    for (position, choice) in choices.enumerated() {
      products.append(try make(choice, as: "\(name)[\(position)]"))
    }
    return products
  }
}
