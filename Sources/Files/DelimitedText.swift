/// The fields of a text of separated values (RFC 4180): lines end with LF, CRLF or CR, a field may
/// stand in double quotes and then hold separators, line breaks and doubled quotes. Empty lines are
/// left out.
public struct DelimitedText {
  private let bytes: [UInt8]
  private let separator: UInt8
  private var position = 0
  /// The line on which the last row began, from 1.
  public private(set) var line = 0
  private var nextLine = 1

  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  public init(_ bytes: [UInt8], separator: UInt8) {
    self.bytes = bytes
    self.separator = separator
  }

  /// Replaces `fields` by those of the next row; false at the end of the text. The fields of a plain
  /// row are slices of the text.
  public mutating func nextRow(
    _ fields: inout [ArraySlice<UInt8>]
  ) throws(DelimitedTextError) -> Bool {
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
  private mutating func nextField() throws(DelimitedTextError) -> ArraySlice<UInt8> {
    if bytes[position] == Self.quote { return try quotedField() }
    let start = position
    while position < bytes.count, bytes[position] != separator, !isLineEnd(position) {
      position += 1
    }
    return bytes[start..<position]
  }

  private mutating func quotedField() throws(DelimitedTextError) -> ArraySlice<UInt8> {
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
            throw DelimitedTextError(
              line: nextLine, isUnclosed: false,
              problem: "text follows a closing quote; double quotes within a quoted field")
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
    throw DelimitedTextError(
      line: firstLine, isUnclosed: true, problem: "a quoted field is never closed")
  }
}

/// A row that is not written by the rules of `DelimitedText`.
public struct DelimitedTextError: Error, Equatable {
  /// From 1.
  public let line: Int
  /// Whether a quote was open at the end of the text, as in a file that was cut off.
  public let isUnclosed: Bool
  public let problem: String
}
