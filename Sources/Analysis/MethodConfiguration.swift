internal import Records
internal import Settings

/// A catalog entry as a run was given it: its name and all its options.
public struct ConfiguredEntry: Sendable, Equatable {
  public indirect enum Value: Sendable, Equatable {
    /// A number, text, boolean or list, as canonical JSON.
    case value(String)
    /// What the entry is built around.
    case entry(ConfiguredEntry)
    case entries([ConfiguredEntry])
  }

  public let name: String
  /// In the order in which they are declared.
  public let options: [(name: String, value: Value)]

  /// nil where there is no entry at the place.
  init?(_ setting: Setting?) {
    guard let setting, let name = try? setting.value(of: "name")?.text() else { return nil }
    self.name = name
    options = setting.keys.filter { $0 != "name" }.compactMap { key in
      setting.value(of: key).map { (key, Value($0)) }
    }
  }

  public static func == (a: ConfiguredEntry, b: ConfiguredEntry) -> Bool {
    a.name == b.name && a.options.map(\.name) == b.options.map(\.name)
      && a.options.map(\.value) == b.options.map(\.value)
  }
}

extension ConfiguredEntry.Value {
  fileprivate init(_ setting: Setting) {
    let entries = (try? setting.elements())?.map { ConfiguredEntry($0) } ?? []
    if let entry = ConfiguredEntry(setting) {
      self = .entry(entry)
    } else if !entries.isEmpty, entries.allSatisfy({ $0 != nil }) {
      self = .entries(entries.compactMap { $0 })
    } else {
      self = .value(setting.canonicalJSON)
    }
  }
}

/// What a method is, as its runs were given it.
public struct MethodConfiguration: Sendable, Equatable {
  public let optimizer: ConfiguredEntry?
  public let clipping: [ConfiguredEntry]
  public let schedule: ConfiguredEntry?

  /// - Parameter config: As in `RunRecord.config`.
  public init(config: String) {
    let setting = try? Setting.parse(config, file: "config")
    optimizer = ConfiguredEntry(setting?.value(of: "optimizer"))
    let transforms = try? setting?.value(of: "clipping")?.elements()
    clipping = (transforms ?? []).compactMap { ConfiguredEntry($0) }
    schedule = ConfiguredEntry(setting?.value(of: "schedule"))
  }
}

/// The rules by which an experiment's runs end and fail, as its file gives them.
public struct EndingRules: Sendable, Equatable {
  /// A run explodes where its loss rises this many times its initial scale.
  public let explosionFactor: Double
  /// The other rules that the file gives, by path, as JSON.
  public let others: [(path: String, value: String)]

  /// - Parameter spec: The experiment file's text.
  init(spec: String) {
    let setting = try? Setting.parse(spec, file: "spec")
    let factor = try? setting?.value(of: "outcomes")?.value(of: "explosion_factor")?.number()
    explosionFactor = factor ?? Outcome.defaultExplosionFactor
    var others: [(path: String, value: String)] = []
    for key in ["budget", "stop", "outcomes"] {
      guard let place = setting?.value(of: key) else { continue }
      for name in place.keys where name != "explosion_factor" {
        guard let value = place.value(of: name) else { continue }
        others.append(("\(key).\(name)", value.canonicalJSON))
      }
    }
    self.others = others
  }

  public static func == (a: EndingRules, b: EndingRules) -> Bool {
    a.explosionFactor == b.explosionFactor && a.others.map(\.path) == b.others.map(\.path)
      && a.others.map(\.value) == b.others.map(\.value)
  }
}
