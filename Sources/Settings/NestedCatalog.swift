/// A catalog whose entries can stand as an option of another entry.
///
/// The catalog is asked for when a file is read and not before: an optimizer that is built around
/// another is itself an entry of the catalog that its option refers to.
public struct NestedCatalog: Sendable {
  /// What the entries are, in the singular: "optimizer".
  public let kind: String
  let read: @Sendable (Setting) throws(SettingsError) -> NestedChoice

  /// - Parameters:
  ///   - hidden: Options that the outer entry takes for itself, with what to say to a file that
  ///     gives one.
  public init<Product>(
    kind: String, hiding hidden: [String] = [], advice: String = "",
    _ catalog: @escaping @Sendable () -> Catalog<Product>
  ) {
    self.kind = kind
    read = { (setting) throws(SettingsError) in
      let choice = try catalog().choice(at: setting, reserved: hidden)
      for name in hidden {
        if let value = setting.value(of: name) { throw value.error(advice) }
      }
      return NestedChoice(choice, hiding: hidden)
    }
  }
}

/// An entry of a catalog that stands as an option of another entry, with its own options.
public struct NestedChoice: Sendable, Hashable {
  public let name: String
  public let hyperparameters: Hyperparameters
  /// The options that the file gave, in declaration order.
  public let given: [String]
  /// Options that the outer entry takes for itself.
  private let hidden: [String]

  public init<Product>(_ choice: CatalogChoice<Product>, hiding hidden: [String]) {
    name = choice.entry.name
    hyperparameters = choice.hyperparameters
    given = choice.given
    self.hidden = hidden
  }

  /// The entry with its defaults.
  public init<Product>(_ entry: CatalogEntry<Product>, hiding hidden: [String]) {
    self.init(
      CatalogChoice(
        entry: entry, hyperparameters: Hyperparameters(entry.hyperparameters), given: []),
      hiding: hidden)
  }

  private init(_ other: NestedChoice, _ hyperparameters: Hyperparameters) {
    name = other.name
    self.hyperparameters = hyperparameters
    given = other.given
    hidden = other.hidden
  }

  /// The same with other values of its options.
  public func replacing(_ hyperparameters: Hyperparameters) -> NestedChoice {
    NestedChoice(self, hyperparameters)
  }

  /// The options that belong to the inner entry alone, in declaration order.
  public var names: [String] { hyperparameters.names.filter { !hidden.contains($0) } }

  /// The entry's name and the options given, as `CatalogChoice.label`.
  public var label: String { catalogLabel(name, hyperparameters, options: given) }

  var json: String {
    let fields = hyperparameters.jsonFields(leavingOut: hidden)
    return "{\"name\":\(jsonText(name))" + (fields.isEmpty ? "}" : ",\(fields)}")
  }
}

/// `name(inner) option=value`: what tables call an entry with the given options.
func catalogLabel(_ name: String, _ values: Hyperparameters, options: [String]) -> String {
  var inner: [String] = []
  for option in values.names {
    switch values[option] {
    case .entry(let choice): inner.append(choice.label)
    case .entries(let choices): inner += choices.map(\.label)
    default: continue
    }
  }
  let outer = inner.isEmpty ? name : "\(name)(\(inner.joined(separator: ", ")))"
  let plain = options.filter { option in
    switch values[option] {
    case .entry, .entries: false
    default: true
    }
  }
  return ([outer] + plain.map { "\($0)=\(values[$0].label)" }).joined(separator: " ")
}
