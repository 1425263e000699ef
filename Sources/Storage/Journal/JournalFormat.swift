internal import Records

/// The fixed parts of a run journal, as `docs/run-journal.md` describes them.
enum JournalFormat {
  /// The first bytes: no text, and changed by whatever takes the file for one.
  static let signature: [UInt8] = [0x89] + Array("OBJ\r\n".utf8) + [0x1A, 0x0A]
  static let version: UInt32 = 1
  /// The bytes before the first block: signature, version, checksum.
  static let startLength = 16
  /// The bytes of a block before what it holds: type, sequence, length, two checksums.
  static let headLength = 24

  enum BlockType: String {
    case run = "RUN "
    case rows = "ROWS"
    /// The state of a run on its way: a finished run needs none.
    case checkpoint = "CKPT"
    case end = "END "
  }
}

extension Quantity.Number {
  /// The letter that stands for it, as in Python's `struct`.
  var letter: Unicode.Scalar {
    switch self {
    case .float32: "f"
    case .float64: "d"
    case .int8: "b"
    case .int64: "q"
    }
  }

  init?(letter: Unicode.Scalar) {
    guard
      let number = [Self.float32, .float64, .int8, .int64].first(where: { $0.letter == letter })
    else { return nil }
    self = number
  }
}
