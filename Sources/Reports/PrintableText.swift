extension String {
  /// The text without what would steer a terminal or turn its reading order round: control characters
  /// apart from line ends and tabs, and marks of direction, become visible as `\u{1b}`.
  ///
  /// Labels, tensor names and messages come from files that somebody else may have made.
  public var printable: String {
    guard unicodeScalars.contains(where: \.steersTheTerminal) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.steersTheTerminal {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  fileprivate var steersTheTerminal: Bool {
    switch value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0: true
    // LRM, RLM, ALM, the embeddings, overrides and isolates; line and paragraph separators.
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
