/// A JSON document as programs log it: also with the bare `NaN`, `Infinity` and `-Infinity` of Python's
/// `json`, which are no JSON.
enum JSONValue: Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([(key: String, value: JSONValue)])

  /// Where a text is no document.
  struct Defect: Error {
    let line: Int
    /// Whether the text ends within the document, as one that is being written.
    let isCut: Bool
  }

  init(_ text: String) throws(Defect) {
    var reader = JSONReader(Array(text.utf8))
    self = try reader.document()
  }

  subscript(key: String) -> JSONValue? {
    guard case .object(let pairs) = self else { return nil }
    return pairs.last { $0.key == key }?.value
  }

  var elements: [JSONValue] { if case .list(let values) = self { values } else { [] } }
  var pairs: [(key: String, value: JSONValue)] {
    if case .object(let pairs) = self { pairs } else { [] }
  }

  /// A number, also in the words for what is not finite.
  var number: Double? {
    switch self {
    case .number(let value): value
    case .text(let text):
      ["nan", "inf", "-inf", "infinity", "-infinity"].contains(text.lowercased())
        ? loggedNumber(text) : nil
    case .null, .boolean, .list, .object: nil
    }
  }

  var integer: Int? { number.flatMap { Int(exactly: $0) } }

  /// A single value as text; nil for lists, objects and null.
  var text: String? {
    switch self {
    case .text(let text): text
    case .number(let value):
      Int(exactly: value).map { "\($0)" } ?? "\(value)"
    case .boolean(let value): value ? "true" : "false"
    case .null, .list, .object: nil
    }
  }
}

private struct JSONReader {
  private let bytes: [UInt8]
  private var position = 0
  /// Documents nest no deeper: a reader must not overflow its stack.
  private static let deepest = 200

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONValue.Defect) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw defect }
    return value
  }

  private var defect: JSONValue.Defect {
    JSONValue.Defect(
      line: 1 + bytes.prefix(position).count { $0 == 0x0A }, isCut: position >= bytes.count)
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  private mutating func take(_ word: String) -> Bool {
    let letters = Array(word.utf8)
    guard bytes[position...].starts(with: letters) else { return false }
    position += letters.count
    return true
  }

  private mutating func value(depth: Int) throws(JSONValue.Defect) -> JSONValue {
    skipSpace()
    guard position < bytes.count, depth < Self.deepest else { throw defect }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try list(depth)
    case UInt8(ascii: "\""): return .text(try text())
    default: break
    }
    for (word, value) in Self.words where take(word) { return value }
    let start = position
    while position < bytes.count, "+-.0123456789eE".utf8.contains(bytes[position]) { position += 1 }
    guard position > start,
      let number = Double(String(decoding: bytes[start..<position], as: UTF8.self))
    else {
      // A word that is cut off ends with the text.
      if Self.words.contains(where: { $0.0.utf8.starts(with: bytes[start...]) }) {
        position = bytes.count
      }
      throw defect
    }
    return .number(number)
  }

  private static let words: [(String, JSONValue)] = [
    ("null", .null), ("true", .boolean(true)), ("false", .boolean(false)), ("NaN", .number(.nan)),
    ("Infinity", .number(.infinity)), ("-Infinity", .number(-.infinity)),
  ]

  private mutating func list(_ depth: Int) throws(JSONValue.Defect) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    skipSpace()
    if take("]") { return .list([]) }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .list(values) }
      guard position < bytes.count, take(",") else { throw defect }
    }
  }

  private mutating func object(_ depth: Int) throws(JSONValue.Defect) -> JSONValue {
    position += 1
    var pairs: [(key: String, value: JSONValue)] = []
    skipSpace()
    if take("}") { return .object([]) }
    while true {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw defect }
      let key = try text()
      skipSpace()
      guard position < bytes.count, take(":") else { throw defect }
      pairs.append((key, try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return .object(pairs) }
      guard position < bytes.count, take(",") else { throw defect }
    }
  }

  private mutating func text() throws(JSONValue.Defect) -> String {
    position += 1
    var units: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: units, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        units.append(byte)
        continue
      }
      guard position < bytes.count else { throw defect }
      let letter = bytes[position]
      position += 1
      switch letter {
      case UInt8(ascii: "n"): units.append(0x0A)
      case UInt8(ascii: "t"): units.append(0x09)
      case UInt8(ascii: "r"): units.append(0x0D)
      case UInt8(ascii: "b"): units.append(0x08)
      case UInt8(ascii: "f"): units.append(0x0C)
      case UInt8(ascii: "u"): units += Array(String(try scalar()).utf8)
      default: units.append(letter)
      }
    }
    throw defect
  }

  /// The character of four hexadecimal digits, or of two such groups for those beyond 16 bits.
  private mutating func scalar() throws(JSONValue.Defect) -> Unicode.Scalar {
    let high = try unit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard (0xD800..<0xDC00).contains(high), take("\\u") else { return "\u{FFFD}" }
    let low = try unit()
    guard (0xDC00..<0xE000).contains(low) else { return "\u{FFFD}" }
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
  }

  private mutating func unit() throws(JSONValue.Defect) -> UInt32 {
    guard position + 4 <= bytes.count else {
      position = bytes.count
      throw defect
    }
    let digits = String(decoding: bytes[position..<(position + 4)], as: UTF8.self)
    guard let value = UInt32(digits, radix: 16) else { throw defect }
    position += 4
    return value
  }
}
