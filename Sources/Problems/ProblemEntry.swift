import Settings

/// The keys of a problem in an experiment file, with those of the named problem behind them.
struct ProblemEntry {
  /// The problem in the file, for errors.
  let place: Setting
  private let name: String
  private let given: SettingMapping?
  private let named: Setting?

  init(name: String, given: SettingMapping?, at place: Setting) throws(SettingsError) {
    self.name = name
    self.given = given
    self.place = place
    if let definition = NamedProblems.definition(of: name) {
      named = try Setting.parse(definition, file: "the named problem '\(name)'")
    } else {
      named = nil
    }
    let isEmpty = ["dataset", "model", "function"].allSatisfy { given?[$0] == nil }
    if named == nil, isEmpty {
      for key in ["dataset", "model", "function", "external"] {
        if let misspelling = given?.misspelling(of: key) { throw misspelling }
      }
      throw place.error(
        unknownName(name, kind: "problem", candidates: NamedProblems.names)
          + "; a problem of your own needs dataset, model, loss and batch_size, or function, or external"
      )
    }
  }

  /// Whether the problem is a function, if its keys agree.
  var isFunction: Bool {
    named.map { $0.value(of: "function") != nil } ?? (given?["function"] != nil)
  }

  /// The value of `key` in the file itself.
  func given(_ key: String) -> Setting? { given?[key] }

  /// The value of `key` in the file, or in the named problem.
  subscript(key: String) -> Setting? { given?[key] ?? named?.value(of: key) }

  /// The value of `key`, which must be there.
  func required(_ key: String) throws(SettingsError) -> Setting {
    guard let value = self[key] else {
      if let misspelling = given?.misspelling(of: key) { throw misspelling }
      throw place.error("the key '\(key)' is missing in the problem '\(name)'")
    }
    return value
  }

  /// Where to report a problem with `key`: its value in the file, or else the whole problem.
  func place(of key: String) -> Setting { given?[key] ?? place }
}
