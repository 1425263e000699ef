internal import Digests
internal import Records

/// Bytes of a run journal in the making (`docs/run-journal.md`): numbers little-endian, texts with their
/// length, blocks with their checksums.
struct JournalEncoder {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// Adds the first bytes of a journal.
  mutating func addStart() {
    bytes += JournalFormat.signature
    add(JournalFormat.version)
    add(bytes.withUnsafeBytes { crc32(of: $0) })
  }

  /// Adds a block.
  ///
  /// - Parameters:
  ///   - sequence: The blocks of the run before it.
  ///   - payload: Adds what the block holds.
  mutating func addBlock(
    _ type: JournalFormat.BlockType, sequence: Int,
    _ payload: (inout JournalEncoder) throws(StorageError) -> Void
  ) throws(StorageError) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: JournalFormat.headLength))
    try payload(&self)
    let body = start + JournalFormat.headLength..<bytes.count
    var head = JournalEncoder()
    head.addHead(
      type, sequence: sequence, length: body.count,
      checksum: bytes.withUnsafeBytes { crc32(of: UnsafeRawBufferPointer(rebasing: $0[body])) })
    bytes.replaceSubrange(start..<body.lowerBound, with: head.bytes)
  }

  /// Adds the first bytes of a block whose payload follows; to an encoder that is empty.
  mutating func addHead(
    _ type: JournalFormat.BlockType, sequence: Int, length: Int, checksum: UInt32
  ) {
    bytes += type.rawValue.utf8
    add(UInt32(sequence))
    add(UInt64(length))
    add(checksum)
    add(bytes.withUnsafeBytes { crc32(of: $0) })
  }

  mutating func add(_ value: some FixedWidthInteger & BitwiseCopyable) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ text: String) {
    add(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Adds numbers one after the other, without their count.
  mutating func add(_ values: [some BitwiseCopyable]) {
    // All platforms are little-endian.
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ numbers: RecordedNumbers) {
    switch numbers {
    case .float32(let values): add(values)
    case .float64(let values): add(values)
    case .int8(let values): add(values)
    case .int64(let values): add(values)
    }
  }
}
