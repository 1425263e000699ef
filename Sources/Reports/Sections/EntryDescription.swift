internal import Analysis

/// How a catalog entry was set up, in words: what differs from its defaults.
struct EntryDescription {
  private let defaults: [String: [String: String]]

  /// - Parameter defaults: The options of each entry as JSON, by entry and option.
  init(defaults: [String: [String: String]]) { self.defaults = defaults }

  /// `adam with betas [0.9,0.99]`, or the name alone where every option has its default.
  func text(_ entry: ConfiguredEntry) -> Prose {
    let options = changes(entry)
    return options.isEmpty
      ? "\(code: entry.name)" : "\(code: entry.name) with \(options.joined(separator: ", "))"
  }

  /// The options that are not the defaults. A learning rate is none: it is an axis of its own.
  func changes(_ entry: ConfiguredEntry) -> [Prose] {
    entry.options.filter { $0.name != "learning_rate" }.compactMap { name, value in
      let own = defaults[entry.name]?[name]
      switch value {
      case .value(let json): return json == own ? nil : "\(name) \(Self.plain(json))"
      case .entry(let inner):
        let isDefault = own?.contains("\"name\":\"\(inner.name)\"") == true
        return isDefault && changes(inner).isEmpty ? nil : "\(name) \(text(inner))"
      case .entries(let inner):
        return "\(name) \(inner.map(text).joined(separator: ", "))"
      }
    }
  }

  /// A text without its quotes.
  private static func plain(_ json: String) -> String {
    json.hasPrefix("\"") && json.hasSuffix("\"") ? String(json.dropFirst().dropLast()) : json
  }
}
