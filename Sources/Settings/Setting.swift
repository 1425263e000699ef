internal import Yams

/// A place in a YAML file, read strictly: each reader returns a value of its type and range or
/// throws an error that names file, line and path.
public struct Setting {
  private let node: Node
  /// The file's name as the user gave it.
  public let file: String
  /// The YAML path, such as `optimizers[2].betas`.
  public let path: String

  private init(node: Node, file: String, path: String) {
    self.node = node
    self.file = file
    self.path = path
  }

  /// The root of the YAML document `text`; `<<` merges the mappings that it names.
  public static func parse(_ text: String, file: String) throws(SettingsError) -> Setting {
    Setting(node: try DocumentTree(text, file: file).root, file: file, path: "")
  }

  /// The line on which the value starts, from 1.
  public var line: Int? { node.mark?.line }
  /// The value as it can be written again.
  var tree: Node { node }
  public var isMapping: Bool { node.mapping != nil }
  public var isSequence: Bool { node.sequence != nil }
  public var isNull: Bool {
    guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else {
      return false
    }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// Where this is, for people: `my.yml:4: problems[0].dataset`.
  public var place: String {
    [line.map { "\(file):\($0)" } ?? file, path].filter { !$0.isEmpty }.joined(separator: ": ")
  }

  /// An error at this place.
  public func error(_ problem: String) -> SettingsError {
    SettingsError(
      file: file, line: line, column: node.mark?.column, path: path, problem: problem)
  }

  /// The mapping at this place, which may have the keys `allowed` and no others.
  public func mapping(
    allowed: [String], synonyms: Synonyms = Synonyms()
  ) throws(SettingsError) -> SettingMapping {
    var mistakes = Mistakes()
    let mapping = try mapping(allowed: allowed, synonyms: synonyms, noting: &mistakes)
    try mistakes.check()
    return mapping
  }

  /// The mapping at this place; keys other than those `allowed` are noted and left out.
  ///
  /// - Parameter synonyms: What other libraries call the keys.
  /// - Throws: If there is no mapping.
  public func mapping(
    allowed: [String], synonyms: Synonyms = Synonyms(), noting mistakes: inout Mistakes
  ) throws(SettingsError) -> SettingMapping {
    guard let mapping = node.mapping else {
      throw error("expected a mapping of \(allowed.joined(separator: ", ")), found \(kind)")
    }
    var values: [String: Setting] = [:]
    var keys: [String] = []
    var unknown: [(meant: String?, error: SettingsError)] = []
    for (keyNode, value) in mapping {
      let key = keyNode.scalar?.string ?? ""
      let child = Setting(node: value, file: file, path: path.isEmpty ? key : "\(path).\(key)")
      guard allowed.contains(key) else {
        let error = SettingsError(
          file: file, line: keyNode.mark?.line ?? child.line, column: keyNode.mark?.column,
          path: child.path,
          problem: unknownName(key, kind: "key", candidates: allowed, synonyms: synonyms))
        unknown.append((likelyName(of: key, among: allowed, synonyms), error))
        mistakes.note(error)
        continue
      }
      values[key] = child
      keys.append(key)
    }
    return SettingMapping(place: self, keys: keys, values: values, unknown: unknown)
  }

  /// The keys of the mapping at this place, without a check; empty for anything else.
  public var keys: [String] {
    node.mapping.map { $0.keys.map { $0.scalar?.string ?? "" } } ?? []
  }

  /// The value of `key` in the mapping at this place, without a check of the other keys.
  public func value(of key: String) -> Setting? {
    guard let mapping = node.mapping else { return nil }
    for (keyNode, value) in mapping where keyNode.scalar?.string == key {
      return Setting(node: value, file: file, path: path.isEmpty ? key : "\(path).\(key)")
    }
    return nil
  }

  /// The place that `path` leads to from here, such as `layers[2].outputs`; where the file does not
  /// go that far, the last place on the way.
  public func nearest(to path: String) -> Setting {
    var place = self
    for step in path.split(whereSeparator: { ".[]".contains($0) }) {
      if let index = Int(step), let elements = try? place.elements() {
        guard elements.indices.contains(index) else { break }
        place = elements[index]
      } else {
        guard let inner = place.value(of: String(step)) else { break }
        place = inner
      }
    }
    return place
  }

  /// The elements of the list at this place.
  public func elements() throws(SettingsError) -> [Setting] {
    guard let sequence = node.sequence else { throw error("expected a list, found \(kind)") }
    return sequence.enumerated().map { index, node in
      Setting(node: node, file: file, path: "\(path)[\(index)]")
    }
  }

  /// A text: quoted, or plain where it cannot be taken for a number, a boolean or nothing.
  public func text() throws(SettingsError) -> String {
    guard let scalar = node.scalar, !isNull else { throw error("expected a text, found \(kind)") }
    if let plain = plainText, parseBoolean(plain) != nil || parseNumber(plain) != nil {
      throw error("expected a text, found \(plain); put it in quotes")
    }
    // They would steer a terminal, end a C string or break a line of a table.
    let control = scalar.string.unicodeScalars.first { character in
      character.properties.generalCategory == .control && character != "\n" && character != "\t"
    }
    if let control {
      throw error(
        "a text cannot have the control character U+\(String(control.value, radix: 16)) in it")
    }
    return scalar.string
  }

  /// `true` or `false`.
  public func boolean() throws(SettingsError) -> Bool {
    guard let value = plainText.flatMap(parseBoolean) else {
      throw error("expected true or false, found \(kind)")
    }
    return value
  }

  /// A finite number within `range`.
  public func number(in range: NumberRange = .any) throws(SettingsError) -> Double {
    guard let text = plainText, let value = parseNumber(text) else {
      throw error("expected \(range), found \(kind)")
    }
    guard range.contains(value) else { throw error("\(text) is out of range; allowed: \(range)") }
    return value
  }

  /// An integer within `range`.
  public func integer(in range: ClosedRange<Int> = .min ... .max) throws(SettingsError) -> Int {
    let allowed = integerRange(range)
    guard let text = plainText, let value = parseInteger(text) else {
      throw error("expected \(allowed), found \(kind)")
    }
    guard range.contains(value) else { throw error("\(text) is out of range; allowed: \(allowed)") }
    return value
  }

  /// One of the given texts.
  public func choice(
    of names: [String], kind: String, synonyms: Synonyms = Synonyms()
  ) throws(SettingsError) -> String {
    let name = try text()
    guard names.contains(name) else {
      throw error(unknownName(name, kind: kind, candidates: names, synonyms: synonyms))
    }
    return name
  }

  /// The value with its comments, formatting, key order and number spelling taken away: JSON with
  /// sorted keys, the form in which two specs are compared.
  public var canonicalJSON: String {
    if let mapping = node.mapping {
      let pairs = mapping.map { key, value in
        (
          key.scalar?.string ?? "",
          Setting(node: value, file: file, path: "").canonicalJSON
        )
      }
      let fields = pairs.sorted { $0.0 < $1.0 }.map { "\(jsonText($0.0)):\($0.1)" }
      return "{" + fields.joined(separator: ",") + "}"
    }
    if let sequence = node.sequence {
      let values = sequence.map { Setting(node: $0, file: file, path: "").canonicalJSON }
      return "[" + values.joined(separator: ",") + "]"
    }
    if isNull { return "null" }
    guard let text = plainText else { return jsonText(node.scalar?.string ?? "") }
    if let value = parseBoolean(text) { return value ? "true" : "false" }
    if let value = parseInteger(text) { return "\(value)" }
    if let value = parseNumber(text) { return jsonNumber(value) }
    return jsonText(text)
  }

  /// The text of a scalar that is not quoted.
  private var plainText: String? {
    guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else {
      return nil
    }
    return scalar.string
  }

  /// What stands here, for an error message.
  private var kind: String {
    if isMapping { return "a mapping" }
    if isSequence { return "a list" }
    if isNull { return "nothing" }
    let text = "'\(node.scalar?.string ?? "")'"
    return plainText == nil ? "the quoted text \(text)" : text
  }
}

/// The values of a mapping whose keys have been checked.
public struct SettingMapping {
  /// The mapping itself, for errors.
  public let place: Setting
  /// The keys present, in the order of the file.
  public let keys: [String]
  private let values: [String: Setting]
  /// Keys that are not allowed, each with the allowed one that it most likely means.
  private let unknown: [(meant: String?, error: SettingsError)]

  init(
    place: Setting, keys: [String], values: [String: Setting],
    unknown: [(meant: String?, error: SettingsError)]
  ) {
    self.place = place
    self.keys = keys
    self.values = values
    self.unknown = unknown
  }

  /// The value of `key`, if the file gives one.
  public subscript(key: String) -> Setting? { values[key] }

  /// The mistake of a key that most likely means `key`; nil where there is none.
  public func misspelling(of key: String) -> SettingsError? {
    unknown.first { $0.meant == key }?.error
  }

  /// The value of `key`, which the file must give.
  ///
  /// - Parameter reason: Why, where the key is not always needed.
  public func required(
    _ key: String, because reason: String? = nil
  ) throws(SettingsError) -> Setting {
    if let value = values[key] { return value }
    // A misspelt key is not missing as well.
    if let misspelling = misspelling(of: key) { throw misspelling }
    throw place.error(
      "the key '\(key)' is missing" + (reason.map { ", and \($0)" } ?? ""))
  }
}

/// A boolean in one of YAML's three spellings; nil for anything else.
private func parseBoolean(_ text: String) -> Bool? {
  switch text {
  case "true", "True", "TRUE": true
  case "false", "False", "FALSE": false
  default: nil
  }
}

/// A number as YAML writes it; nil for anything else.
private func parseNumber(_ text: String) -> Double? {
  switch text {
  case ".nan", ".NaN", ".NAN": return .nan
  case ".inf", "+.inf", ".Inf", ".INF": return .infinity
  case "-.inf", "-.Inf", "-.INF": return -.infinity
  default:
    guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first),
      !text.lowercased().contains("x"), !text.lowercased().contains("inf"),
      !text.lowercased().contains("nan")
    else { return nil }
    return Double(text)
  }
}

/// An integer: digits, or a number without fraction such as `1e3`.
private func parseInteger(_ text: String) -> Int? {
  if let value = Int(text) { return value }
  guard let number = parseNumber(text) else { return nil }
  return Int(exactly: number)
}

private func integerRange(_ range: ClosedRange<Int>) -> String {
  switch (range.lowerBound, range.upperBound) {
  case (.min, .max): "an integer"
  case (let lower, .max): "an integer ≥ \(lower)"
  case (.min, let upper): "an integer ≤ \(upper)"
  case (let lower, let upper): "an integer from \(lower) to \(upper)"
  }
}
