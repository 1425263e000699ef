internal import Digests
internal import Files
internal import Records

/// A run journal, read from its beginning (`docs/run-journal.md`).
///
/// A run without its last block is unfinished: it goes on from its last checkpoint, or is not there. What
/// does not match its checksums is damage, and costs the run in which it lies what came behind the checkpoint
/// before.
struct JournalReader: ~Copyable {
  enum Item {
    /// A finished run, and where its blocks lie.
    case run(JournaledRun, Range<Int>)
    /// A run with a checkpoint that is not finished: without what it recorded, the steps of which that is, and
    /// where its blocks lie up to the checkpoint.
    case unfinished(JournaledRun, steps: Int, Range<Int>)
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
  /// Where the last checkpoint of that run lies.
  private var checkpoint: Range<Int>?
  /// The steps recorded before it.
  private var checkpointSteps = 0
  /// What was found on the way to the item before.
  private var pending: Item?

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
    case .run, .unfinished, nil:
      throw reader.damage(at: range.lowerBound, "a finished run is gone")
    }
  }

  /// The checkpoint at the end of the blocks at `range`.
  static func checkpoint(in path: String, at range: Range<Int>) throws(StorageError)
    -> RunCheckpoint
  {
    var reader = try JournalReader(path, range: range)
    while let item = try reader.nextBlocks() {
      if case .damage(let error) = item { throw error }
    }
    guard let run = reader.run, let place = reader.checkpoint, place.upperBound == range.upperBound
    else { throw reader.damage(at: range.lowerBound, "a checkpoint is gone") }
    let payload = try reader.bytes(at: place.lowerBound, count: place.count)
    do throws(JournalDefect) {
      return try run.checkpoint(payload)
    } catch {
      throw reader.damage(at: place.lowerBound, error.detail)
    }
  }

  /// The next run, or the damage before it; nil at the end.
  mutating func next() throws(StorageError) -> Item? {
    if let item = try nextBlocks() { return item }
    dropRun()
    return takePending()
  }

  private mutating func takePending() -> Item? {
    defer { pending = nil }
    return pending
  }

  /// Leaves the run that has begun and not ended; what of it can go on comes next.
  private mutating func dropRun() {
    defer { (run, checkpoint) = (nil, nil) }
    guard let checkpoint, let begun = try? run?.begun() else { return }
    pending = .unfinished(begun, steps: checkpointSteps, runStart..<checkpoint.upperBound)
  }

  /// Reads on to the end of a run, to damage, or to the end, where the run that is left stays.
  private mutating func nextBlocks() throws(StorageError) -> Item? {
    if isStartDamaged {
      isStartDamaged = false
      return .damage(damage(at: 0, "the first bytes do not match their checksum"))
    }
    while pending == nil, end - place >= JournalFormat.headLength {
      let start = place
      let head = try head(at: start)
      guard let head, head.length <= end - start - JournalFormat.headLength else {
        // Behind a torn block there may be runs where the disk was full for a while.
        let following = try followingRun(after: start)
        dropRun()
        (place, isLost) = (following ?? end, true)
        if head != nil, following == nil { return nil }
        return .damage(damage(at: start, "a block is damaged or torn"))
      }
      let body = start + JournalFormat.headLength
      place = body + head.length
      let isSound = try checksum(at: body, count: head.length) == head.checksum
      // The state of a run may be large, and is read where it is resumed.
      let isState = head.type == JournalFormat.BlockType.checkpoint.rawValue
      let payload = isState ? [] : try bytes(at: body, count: head.length)
      do throws(JournalDefect) {
        guard isSound else { throw JournalDefect("a block does not match its checksum") }
        if let finished = try take(payload, of: head, at: start) {
          return .run(finished, runStart..<place)
        }
      } catch {
        dropRun()
        isLost = true
        return .damage(damage(at: start, error.detail))
      }
    }
    return takePending()
  }

  /// Takes in a block; gives the run that it ends.
  private mutating func take(
    _ payload: [UInt8], of head: Head, at start: Int
  ) throws(JournalDefect) -> JournaledRun? {
    if head.type == JournalFormat.BlockType.run.rawValue {
      guard head.sequence == 0 else { throw JournalDefect("a run does not begin with block 0") }
      let begun = try RunInJournal(payload)
      dropRun()
      run = begun
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
      defer { (run, checkpoint) = (nil, nil) }
      return try run?.finished(payload)
    case .checkpoint:
      checkpoint = start + JournalFormat.headLength..<place
      checkpointSteps = run?.steps ?? 0
    // Blocks of types that were added later may be skipped.
    case .run, nil: break
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

  private func checksum(at start: Int, count: Int) throws(StorageError) -> UInt32 {
    var checksum: UInt32 = 0
    var place = start
    while place < start + count {
      let part = try bytes(at: place, count: min(1 << 20, start + count - place))
      guard !part.isEmpty else { break }
      checksum = part.withUnsafeBytes { crc32(of: $0, after: checksum) }
      place += part.count
    }
    return checksum
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
