/// The fields of a text of separated values (RFC 4180): lines end with LF, CRLF or CR, a field may
/// stand in double quotes and then hold separators, line breaks and doubled quotes. Empty lines are
/// left out.
struct DelimitedText {
  private let bytes: [UInt8]
  private let separator: UInt8
  private let file: String
  private var position = 0
  /// The line on which the last row began, from 1.
  private(set) var line = 0
  private var nextLine = 1

  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  init(_ bytes: [UInt8], separator: UInt8, file: String) {
    self.bytes = bytes
    self.separator = separator
    self.file = file
  }

  /// Replaces `fields` by those of the next row; false at the end of the text. The fields of a plain
  /// row are slices of the text.
  mutating func nextRow(_ fields: inout [ArraySlice<UInt8>]) throws(ProblemError) -> Bool {
    fields.removeAll(keepingCapacity: true)
    while position < bytes.count, takeLineEnd() {}
    guard position < bytes.count else { return false }
    line = nextLine
    while true {
      fields.append(try nextField())
      guard position < bytes.count, !takeLineEnd() else { break }
      // A separator at the very end is followed by an empty field.
      position += 1
      guard position < bytes.count else {
        fields.append([])
        break
      }
    }
    return true
  }

  /// Steps over the line end at `position`, if there is one.
  private mutating func takeLineEnd() -> Bool {
    guard isLineEnd(position) else { return false }
    let isPair =
      bytes[position] == Self.carriageReturn && position + 1 < bytes.count
      && bytes[position + 1] == Self.lineFeed
    position += isPair ? 2 : 1
    nextLine += 1
    return true
  }

  private func isLineEnd(_ index: Int) -> Bool {
    bytes[index] == Self.lineFeed || bytes[index] == Self.carriageReturn
  }

  /// The field at `position`, which then stands at the separator or line end behind it.
  private mutating func nextField() throws(ProblemError) -> ArraySlice<UInt8> {
    if bytes[position] == Self.quote { return try quotedField() }
    let start = position
    while position < bytes.count, bytes[position] != separator, !isLineEnd(position) {
      position += 1
    }
    return bytes[start..<position]
  }

  private mutating func quotedField() throws(ProblemError) -> ArraySlice<UInt8> {
    let firstLine = nextLine
    var field: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      if byte == Self.quote {
        position += 1
        guard position < bytes.count, bytes[position] == Self.quote else {
          guard position == bytes.count || bytes[position] == separator || isLineEnd(position)
          else {
            throw ProblemError(
              file: "\(file):\(nextLine)",
              "text follows a closing quote; double quotes within a quoted field")
          }
          return field[...]
        }
      } else if isLineEnd(position) {
        let start = position
        _ = takeLineEnd()
        field += bytes[start..<position]
        continue
      }
      field.append(byte)
      position += 1
    }
    throw ProblemError(file: "\(file):\(firstLine)", "a quoted field is never closed")
  }
}

/// The number that `field` spells in decimal, such as `-1.5e3`, without the spaces around it; nil for
/// anything else, NaN and infinities included.
///
/// Up to 15 digits with a small power of ten are computed exactly (Clinger, 1990), the rest is left
/// to the standard library.
func decimalNumber(_ field: ArraySlice<UInt8>) -> Double? {
  let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  var text = field.drop(while: isSpace)
  while let last = text.last, isSpace(last) { text.removeLast() }
  var index = text.startIndex
  let isNegative = text.first == UInt8(ascii: "-")
  if isNegative || text.first == UInt8(ascii: "+") { index += 1 }
  var mantissa: UInt64 = 0
  var digits = 0
  var decimals = 0
  var hasPoint = false
  while index < text.endIndex {
    let byte = text[index]
    if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      digits += 1
      if digits <= 15 { mantissa = mantissa * 10 + UInt64(byte - UInt8(ascii: "0")) }
      if hasPoint { decimals += 1 }
    } else if byte == UInt8(ascii: "."), !hasPoint {
      hasPoint = true
    } else {
      break
    }
    index += 1
  }
  guard digits > 0 else { return nil }
  if index == text.endIndex, digits <= 15 {
    let value = Double(mantissa) / powersOfTen[decimals]
    return isNegative ? -value : value
  }
  if index < text.endIndex {
    // What may follow is an exponent, which `Double` checks; it also takes "0x1p3" and "nan".
    guard text[index] == UInt8(ascii: "e") || text[index] == UInt8(ascii: "E") else { return nil }
  }
  guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
    return nil
  }
  return value
}

private let powersOfTen: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]
