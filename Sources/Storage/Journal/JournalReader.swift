internal import Digests
internal import Files
internal import Records

/// A run journal, read from its beginning (`docs/run-journal.md`).
///
/// A run without its last block is unfinished and not there. What does not match its checksums is damage,
/// and costs the run in which it lies.
struct JournalReader: ~Copyable {
  enum Item {
    /// A finished run, and where its blocks lie.
    case run(JournaledRun, Range<Int>)
    case damage(StorageError)
  }

  private let file: PlainFile
  private var place: Int
  private let end: Int
  private var isStartDamaged: Bool
  /// The run that has begun and not ended.
  private var run: RunInJournal?
  private var runStart = 0
  /// The blocks of that run so far.
  private var blocks = 0
  /// Whether the blocks up to the next run belong to one that is damaged.
  private var isLost = false

  /// Opens a journal.
  ///
  /// - Parameter range: The blocks to read; all of them where there is none.
  /// - Throws: `StorageError` of the kinds `foreign` and `newerFormat` if it is no journal of today.
  init(_ path: String, range: Range<Int>? = nil) throws(StorageError) {
    let file = try filing { () throws(FileError) in try PlainFile(path) }
    let isStartSound = range == nil ? try Self.checkStart(of: file) : true
    place = range?.lowerBound ?? JournalFormat.startLength
    end = range?.upperBound ?? file.size
    isStartDamaged = !isStartSound
    self.file = file
  }

  /// Whether the file ends before its first block.
  var isEmpty: Bool { end <= JournalFormat.startLength }

  /// The finished run whose blocks lie at `range`.
  static func run(in path: String, at range: Range<Int>) throws(StorageError) -> RunRecord {
    var reader = try JournalReader(path, range: range)
    switch try reader.next() {
    case .run(let journaled, let found) where found == range: return journaled.run
    case .damage(let error): throw error
    case .run, nil: throw reader.damage(at: range.lowerBound, "a finished run is gone")
    }
  }

  /// The next finished run, or the damage before it; nil at the end.
  mutating func next() throws(StorageError) -> Item? {
    if isStartDamaged {
      isStartDamaged = false
      return .damage(damage(at: 0, "the first bytes do not match their checksum"))
    }
    while end - place >= JournalFormat.headLength {
      let start = place
      let head = try head(at: start)
      guard let head, head.length <= end - start - JournalFormat.headLength else {
        // Behind a torn block there may be runs where the disk was full for a while.
        let following = try followingRun(after: start)
        (place, run, isLost) = (following ?? end, nil, true)
        if head != nil, following == nil { return nil }
        return .damage(damage(at: start, "a block is damaged or torn"))
      }
      let body = start + JournalFormat.headLength
      let payload = try bytes(at: body, count: head.length)
      place = body + head.length
      do throws(JournalDefect) {
        guard payload.withUnsafeBytes({ crc32(of: $0) }) == head.checksum else {
          throw JournalDefect("a block does not match its checksum")
        }
        if let finished = try take(payload, of: head, at: start) {
          return .run(finished, runStart..<place)
        }
      } catch {
        (run, isLost) = (nil, true)
        return .damage(damage(at: start, error.detail))
      }
    }
    return nil
  }

  /// Takes in a block; gives the run that it ends.
  private mutating func take(
    _ payload: [UInt8], of head: Head, at start: Int
  ) throws(JournalDefect) -> JournaledRun? {
    if head.type == JournalFormat.BlockType.run.rawValue {
      guard head.sequence == 0 else { throw JournalDefect("a run does not begin with block 0") }
      run = try RunInJournal(payload)
      (runStart, blocks, isLost) = (start, 1, false)
      return nil
    }
    if isLost { return nil }
    guard run != nil, head.sequence == blocks else {
      throw JournalDefect("a block is not the next one of a run")
    }
    blocks += 1
    switch JournalFormat.BlockType(rawValue: head.type) {
    case .rows: try run?.add(rows: payload)
    case .end:
      defer { run = nil }
      return try run?.finished(payload)
    // Blocks of types that were added later may be skipped.
    case .run, .checkpoint, nil: break
    }
    return nil
  }
}

extension JournalReader {
  /// A block's first bytes.
  private struct Head {
    let type: String
    let sequence: Int
    let length: Int
    let checksum: UInt32

    /// Nil unless they match their own checksum.
    init?(_ bytes: ArraySlice<UInt8>) {
      let checked = bytes.prefix(JournalFormat.headLength - 4)
      guard bytes.count == JournalFormat.headLength,
        number(bytes.suffix(4)) == checked.withUnsafeBytes({ UInt64(crc32(of: $0)) })
      else { return nil }
      type = String(decoding: bytes.prefix(4), as: UTF8.self)
      sequence = Int(number(bytes.dropFirst(4).prefix(4)))
      length = Int(clamping: number(bytes.dropFirst(8).prefix(8)))
      checksum = UInt32(number(bytes.dropFirst(16).prefix(4)))
    }
  }

  private func head(at start: Int) throws(StorageError) -> Head? {
    Head(try bytes(at: start, count: JournalFormat.headLength)[...])
  }

  /// Where the next block lies that begins a run.
  private func followingRun(after start: Int) throws(StorageError) -> Int? {
    let type = Array(JournalFormat.BlockType.run.rawValue.utf8)
    var place = start + 1
    while place < end {
      let window = try bytes(at: place, count: 1 << 16)
      for offset in window.indices where window[offset] == type[0] {
        guard offset + JournalFormat.headLength <= window.count else { break }
        let found = window[offset..<offset + JournalFormat.headLength]
        if found.starts(with: type), Head(found) != nil { return place + offset }
      }
      if window.count < JournalFormat.headLength { break }
      place += window.count - JournalFormat.headLength + 1
    }
    return nil
  }

  private func bytes(at start: Int, count: Int) throws(StorageError) -> [UInt8] {
    try filing { () throws(FileError) in
      try file.bytes(from: start, count: min(count, max(0, end - start)))
    }
  }

  private func damage(at start: Int, _ detail: String) -> StorageError {
    StorageError(
      kind: .damaged, operation: "read", file: file.path, detail: "\(detail), at byte \(start)")
  }

  /// Whether the first bytes match their checksum, if they are those of a journal.
  private static func checkStart(of file: borrowing PlainFile) throws(StorageError) -> Bool {
    let start = try filing { () throws(FileError) in
      try file.bytes(from: 0, count: JournalFormat.startLength)
    }
    let signature = JournalFormat.signature
    guard start.starts(with: signature.prefix(start.count)) else {
      throw StorageError(
        kind: .foreign, operation: "read", file: file.path, detail: "it is no run journal",
        advice: "it is left as it is")
    }
    // Torn right after its creation.
    guard start.count == JournalFormat.startLength else { return true }
    guard number(start.suffix(4)) == start.dropLast(4).withUnsafeBytes({ UInt64(crc32(of: $0)) })
    else { return false }
    let version = number(start.dropFirst(8).prefix(4))
    guard version == JournalFormat.version else {
      throw StorageError(
        kind: .newerFormat, operation: "read", file: file.path,
        detail: "its format version is \(version); this program reads \(JournalFormat.version)",
        advice: "use a newer optbench, or remove it: its runs are done again then")
    }
    return true
  }
}

/// The little-endian number in at most eight bytes.
private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
