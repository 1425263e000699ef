extension StringProtocol {
  /// The text with control characters written as `\n`, `\t` or `\u{1B}`, so that it stays on one line
  /// and moves no terminal's cursor. For names that came from elsewhere, in messages.
  public var escapingControls: String {
    guard hasControls else { return String(self) }
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.isControl: result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Whether the text has a control character: one that no name may have.
  public var hasControls: Bool { unicodeScalars.contains(where: \.isControl) }
}

extension Unicode.Scalar {
  /// C0, delete and C1, and the marks that turn the direction of what follows on a terminal.
  fileprivate var isControl: Bool {
    switch value {
    case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
