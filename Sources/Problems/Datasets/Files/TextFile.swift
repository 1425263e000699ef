/// A file of UTF-8 text.
///
/// A byte-order mark at its beginning does not belong to the text. Other encodings are refused by
/// name: guessed, they would make two letters one, or one two.
enum TextFile {
  /// The bytes of the text in the file at `path`, without a byte-order mark.
  ///
  /// - Parameter key: The option that names the file, for the error if it is missing.
  static func bytes(of path: String, key: String) throws(ProblemError) -> [UInt8] {
    let bytes = try DataFile.bytes(of: path, key: key)
    if let mark = marks.first(where: { bytes.starts(with: $0.mark) }) {
      throw ProblemError(file: path, remedy("is \(mark.name) text", from: mark.name))
    }
    if let description = FileSignature.description(of: bytes), !bytes.isEmpty {
      throw ProblemError(file: path, description)
    }
    if let zero = bytes.firstIndex(of: 0) {
      // Letters of Western languages have a zero in every other byte of UTF-16.
      let start = bytes.prefix(1 << 12)
      let odd = start.indices.count { $0 % 2 == 1 && start[$0] == 0 }
      let even = start.indices.count { $0 % 2 == 0 && start[$0] == 0 }
      if max(odd, even) * 4 > start.count {
        let name = odd > even ? "UTF-16LE" : "UTF-16BE"
        throw ProblemError(file: path, remedy("looks like \(name) text", from: name))
      }
      throw ProblemError(
        file: path, "is no text: byte \(zero) (in line \(line(of: zero, in: bytes))) is zero")
    }
    if let invalid = firstInvalid(in: bytes) {
      let value = String(bytes[invalid], radix: 16, uppercase: true)
      throw ProblemError(
        file: "\(path):\(line(of: invalid, in: bytes))",
        remedy("is no UTF-8 text: byte 0x\(value)", from: "latin1"))
    }
    return bytes.starts(with: utf8Mark) ? Array(bytes.dropFirst(utf8Mark.count)) : bytes
  }

  private static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// UTF-32 first: its little-endian mark begins with that of UTF-16.
  private static let marks: [(mark: [UInt8], name: String)] = [
    ([0xFF, 0xFE, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF], "UTF-32"), ([0xFF, 0xFE], "UTF-16"),
    ([0xFE, 0xFF], "UTF-16"),
  ]

  private static func remedy(_ problem: String, from encoding: String) -> String {
    "\(problem); save it as UTF-8, for example with iconv -f \(encoding) -t UTF-8"
  }

  private static func line(of position: Int, in bytes: [UInt8]) -> Int {
    var line = 1
    for index in 0..<position {
      let isReturn = bytes[index] == 0x0D && bytes[index + 1] != 0x0A
      if bytes[index] == 0x0A || isReturn { line += 1 }
    }
    return line
  }

  private static func firstInvalid(in bytes: [UInt8]) -> Int? {
    guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var position = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar): position += scalar.count
      case .error: return position
      case .emptyInput: return nil
      }
    }
  }
}
