internal import Digests
internal import Files
public import Records

/// A run that another program recorded in a journal, as far as it was written: its recordings, and what it
/// says of itself.
public struct RecordedJournal: Sendable {
  /// What its first block says, as texts.
  public let head: [(name: String, text: String)]
  /// What its last block says; nil where the program that wrote it has died.
  public let end: [(name: String, text: String)]?
  /// The recordings by name, without those that have no row.
  public let recordings: [String: Recording]
  /// Whether the file ends within a block, which is then not there.
  public let isTorn: Bool

  /// Reads the journal at `path`; nil if it was cut before the run began.
  ///
  /// - Throws: `StorageError` if it is no journal, or if a block before its end is damaged.
  public static func read(_ path: String) throws(StorageError) -> RecordedJournal? {
    // Whether it is a journal of today.
    _ = try JournalReader(path)
    let bytes = try filing { () throws(FileError) in
      let file = try PlainFile(path)
      return try file.bytes(from: 0, count: file.size)
    }
    var place = JournalFormat.startLength
    var run: RunInJournal?
    var end: JournalFields?
    var isTorn = bytes.count < place
    while place < bytes.count, end == nil {
      guard let block = Block(bytes, at: place) else {
        isTorn = true
        break
      }
      do throws(JournalDefect) {
        guard block.isSound else { throw JournalDefect("a block does not match its checksum") }
        switch JournalFormat.BlockType(rawValue: block.type) {
        case .run where run == nil: run = try RunInJournal(block.payload)
        case .rows where run != nil: try run?.add(rows: block.payload)
        case .end where run != nil:
          var decoder = JournalDecoder(block.payload)
          end = try JournalFields(from: &decoder)
        default: break
        }
      } catch {
        throw StorageError(
          kind: .damaged, operation: "read", file: path,
          detail: "\(error.detail), at byte \(place)")
      }
      place += JournalFormat.headLength + block.payload.count
    }
    guard let run else { return nil }
    return RecordedJournal(run, end, isTorn: isTorn)
  }

  private init(_ run: RunInJournal, _ end: JournalFields?, isTorn: Bool) {
    func texts(_ fields: JournalFields) -> [(name: String, text: String)] {
      fields.all.map { name, value in
        switch value {
        case .text(let text): (name, text)
        case .integer(let integer): (name, "\(integer)")
        case .number(let number): (name, "\(number)")
        }
      }
    }
    head = texts(run.head)
    self.end = end.map(texts)
    self.isTorn = isTorn
    let found = zip(run.layouts, run.recordings).filter { !$1.steps.isEmpty }
    recordings = Dictionary(uniqueKeysWithValues: found.map { ($0.kind.label, $1) })
  }

  private struct Block {
    let type: String
    let payload: [UInt8]
    let isSound: Bool

    /// The block at `start`; nil where the file ends within it.
    init?(_ bytes: [UInt8], at start: Int) {
      let headLength = JournalFormat.headLength
      guard bytes.count - start >= headLength else { return nil }
      func number(_ offset: Int, _ count: Int) -> UInt64 {
        bytes[start + offset..<start + offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      }
      let checked = bytes[start..<start + headLength - 4]
      let isHeadSound = checked.withUnsafeBytes { UInt64(crc32(of: $0)) } == number(20, 4)
      let length = number(8, 8)
      guard isHeadSound else {
        // Who dies while writing may leave a hole of zeros.
        let isHole = checked.allSatisfy { $0 == 0 }
        if isHole { return nil }
        (type, payload, isSound) = ("", [], false)
        return
      }
      let body = start + headLength
      guard length <= UInt64(bytes.count - body) else { return nil }
      type = String(decoding: bytes[start..<start + 4], as: UTF8.self)
      payload = Array(bytes[body..<body + Int(length)])
      isSound = payload.withUnsafeBytes { UInt64(crc32(of: $0)) } == number(16, 4)
    }
  }
}
