internal import Records

/// What is wrong with the content of a block whose checksum is right.
struct JournalDefect: Error {
  let detail: String

  init(_ detail: String) { self.detail = detail }
}

/// Reads what a block holds; whatever the bytes are, it reads none beyond them and believes no count.
struct JournalDecoder {
  private let bytes: [UInt8]
  private var place: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    place = 0
  }

  var remaining: Int { bytes.count - place }

  mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type = Number.self
  ) throws(JournalDefect) -> Number {
    let start = try take(MemoryLayout<Number>.size)
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Number.self) }
      .littleEndian
  }

  /// A count of things that take `size` bytes each at least.
  mutating func count(ofSize size: Int) throws(JournalDefect) -> Int {
    let count = Int(try integer(UInt32.self))
    guard count <= remaining / size else {
      throw JournalDefect("a count of \(count) goes beyond the end of its block")
    }
    return count
  }

  /// Texts that HDF5 could not hold are none.
  mutating func text() throws(JournalDefect) -> String {
    let length = try count(ofSize: 1)
    let start = try take(length)
    let content = bytes[start..<start + length]
    guard !content.contains(0), let text = String(validating: content, as: UTF8.self) else {
      throw JournalDefect("a text is not UTF-8 without NUL")
    }
    return text
  }

  mutating func letter() throws(JournalDefect) -> Unicode.Scalar {
    Unicode.Scalar(try integer(UInt8.self))
  }

  mutating func numbers<Number: BitwiseCopyable>(
    _ count: Int, as type: Number.Type = Number.self
  ) throws(JournalDefect) -> [Number] {
    let (length, isTooLong) = count.multipliedReportingOverflow(by: MemoryLayout<Number>.size)
    guard !isTooLong, count >= 0 else { throw JournalDefect("\(count) numbers are too many") }
    let start = try take(length)
    return [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[start..<start + length]))
      }
      initialized = count
    }
  }

  /// Takes `count` numbers in behind those that are there.
  mutating func append(_ count: Int, to numbers: inout RecordedNumbers) throws(JournalDefect) {
    switch numbers {
    case .float32(let values): numbers = .float32(try values + self.numbers(count))
    case .float64(let values): numbers = .float64(try values + self.numbers(count))
    case .int8(let values): numbers = .int8(try values + self.numbers(count))
    case .int64(let values): numbers = .int64(try values + self.numbers(count))
    }
  }

  private mutating func take(_ length: Int) throws(JournalDefect) -> Int {
    guard length <= remaining else { throw JournalDefect("a block ends too early") }
    defer { place += length }
    return place
  }
}
