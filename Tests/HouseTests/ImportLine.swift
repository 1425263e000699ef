/// The module that a line of Swift imports, or nil.
///
/// Understands attributes, access levels and imports of a single declaration.
func importedModule(in line: Substring) -> String? {
  var words = line.split(whereSeparator: \.isWhitespace)
  while let first = words.first,
    first.hasPrefix("@") || ["public", "package", "internal", "private"].contains(first)
      || first == "fileprivate"
  {
    words.removeFirst()
  }
  guard words.first == "import", words.count >= 2 else { return nil }
  let kinds = ["class", "enum", "func", "let", "protocol", "struct", "typealias", "var"]
  let name = kinds.contains(String(words[1])) && words.count >= 3 ? words[2] : words[1]
  return name.split(separator: ".").first.map(String.init)
}
