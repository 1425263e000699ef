/// Texts within HTML that stand for exactly their characters.
enum HTMLText {
  /// Within an element or a quoted attribute.
  static func text(_ text: String) -> String { SVGDrawing.escaped(text) }

  static func prose(_ prose: Prose) -> String {
    prose.pieces.map { piece in
      switch piece {
      case .text(let text): Self.text(text)
      case .code(let text): "<code>\(Self.text(text))</code>"
      case .strong(let text): "<strong>\(Self.text(text))</strong>"
      case .emphasis(let text): "<em>\(Self.text(text))</em>"
      case .link(let text, let target): "<a href=\"\(Self.target(target))\">\(Self.text(text))</a>"
      }
    }.joined()
  }

  /// A file beside the page, or a place in it: nothing that acts, whatever the text.
  static func target(_ target: String) -> String {
    if target.hasPrefix("https://") { return text(target) }
    return target.hasPrefix("#") ? text(target) : MarkdownEscaping.target(target)
  }

  /// Letters, digits and hyphens, as an element's name.
  static func slug(_ text: String) -> String {
    let letters = text.lowercased().map { character in
      character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
    }
    return String(letters).split(separator: "-").joined(separator: "-")
  }
}
