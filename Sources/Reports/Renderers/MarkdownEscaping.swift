/// Texts within Markdown that stand for exactly their characters.
///
/// CommonMark 0.31 with GitHub's extensions: tables, autolinks, strikethrough, mathematics, mentions.
enum MarkdownEscaping {
  /// What only looks like markup stays as it is: `[0.1, 0.2]`, `p < 0.001`, `weight_decay`.
  static func text(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isSuspicious) else { return text }
    let characters = Array(oneLine(text))
    var result = ""
    for (index, character) in characters.enumerated() {
      let before = index > 0 ? characters[index - 1] : " "
      let after = index + 1 < characters.count ? characters[index + 1] : " "
      let isEscaped =
        switch character {
        case "\\", "`", "*", "$": true
        case "_": !(before.isAlphanumeric && after.isAlphanumeric)
        case "~": before == "~" || after == "~"
        case "<": after.isAlphanumeric || "/!?".contains(after)
        // A link is `](`; `![` and `[` alone are none.
        case "(": before == "]"
        case "[": "^".contains(after)
        // An autolink.
        case "/": before == ":" && after == "/"
        case ".": characters[..<index].suffix(3).map { $0.lowercased() } == ["w", "w", "w"]
        case "&": after == "#" || after.isAlphanumeric
        default: false
        }
      if isEscaped { result += "\\" }
      result.append(character)
      // A mention or a reference to an issue; a comment between the two keeps it from being one.
      if "@#".contains(character), !before.isAlphanumeric, after.isAlphanumeric {
        result += "<!-- -->"
      }
    }
    return result
  }

  /// A name between as many backticks as it needs.
  static func code(_ text: String) -> String {
    let text = oneLine(text)
    guard text.contains("`") else { return text.isEmpty ? "" : "`\(text)`" }
    let runs = text.split { $0 != "`" }.map(\.count)
    let fence = String(repeating: "`", count: (runs.max() ?? 0) + 1)
    return "\(fence) \(text) \(fence)"
  }

  /// The file that a link leads to.
  static func target(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."), UInt8(ascii: "/"):
        true
      default: false
      }
    }
    if isPlain { return path }
    return path.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      let isSafe =
        byte < 0x80 && (Character(scalar).isAlphanumeric || "-_./".contains(Character(scalar)))
      return isSafe
        ? String(Character(scalar)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  /// A block that begins with this text, which must not make it a heading, a list or a quotation.
  static func lineStart(_ text: String) -> String {
    guard let first = text.first else { return text }
    if "#>+-=|~".contains(first) { return "\\" + text }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    if !digits.isEmpty, let next = text.dropFirst(digits.count).first, ".)".contains(next),
      text.dropFirst(digits.count + 1).hasPrefix(" ")
    {
      return digits + "\\" + text.dropFirst(digits.count)
    }
    return text
  }

  /// Without line ends and control characters.
  private static func oneLine(_ text: String) -> String {
    let isPlain = !text.contains { $0.isNewline || $0 == "\t" }
    let line = isPlain ? text : String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    return line.printable
  }

  private static func isSuspicious(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\\", "`", "*", "$", "_", "~", "<", "(", "[", "/", ".", "&", "@", "#": true
    default: scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value > 0x200D
    }
  }
}

extension Character {
  fileprivate var isAlphanumeric: Bool { isLetter || isNumber }
}
