/// A value that is given beside a file and stands in place of the file's: `budget.steps=500`.
public struct SettingOverride {
  /// The keys down to the value.
  public let keys: [String]
  private let value: Setting
  private let text: String

  /// - Parameter text: Keys joined by dots, `=`, and the value as YAML.
  public init(_ text: String) throws(SettingsError) {
    func failure(_ problem: String) -> SettingsError {
      SettingsError(file: "--set \(text)", line: nil, column: nil, path: "", problem: problem)
    }
    guard let sign = text.firstIndex(of: "=") else {
      throw failure("give a key, '=' and a value, such as budget.steps=500")
    }
    keys = text[..<sign].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard keys.allSatisfy({ !$0.isEmpty }) else {
      throw failure("a key is empty; give keys joined by single dots, such as budget.steps")
    }
    let yaml = String(text[text.index(after: sign)...])
    let document = try Setting.parse("value: \(yaml)\n", file: "--set \(text)")
    guard document.keys == ["value"], let value = document.value(of: "value"), !value.isNull else {
      throw failure("'\(yaml)' is no value; write it as in a file, on one line")
    }
    self.value = value
    self.text = text
  }

  /// The document `text` with this value, other values as they are; comments are not kept.
  ///
  /// - Throws: If the way to the value leads through something that is no mapping.
  public func applied(to text: String, file: String) throws(SettingsError) -> String {
    try replaced(in: Setting.parse(text, file: file), keys[...]).yaml()
  }

  private func replaced(
    in place: Setting?, _ keys: ArraySlice<String>
  ) throws(SettingsError) -> SettingTree {
    guard let key = keys.first else { return .place(value) }
    if let place, !place.isMapping {
      throw place.error(
        "--set \(text) names a key of it, but it is no mapping; give the whole value instead")
    }
    var pairs: [(key: String, value: SettingTree)] = []
    for own in place?.keys ?? [] where own != key {
      if let child = place?.value(of: own) { pairs.append((own, .place(child))) }
    }
    let position = place?.keys.firstIndex(of: key) ?? pairs.count
    let child = try replaced(in: place?.value(of: key), keys.dropFirst())
    pairs.insert((key, child), at: min(position, pairs.count))
    return .mapping(pairs)
  }
}
