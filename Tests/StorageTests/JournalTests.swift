import Digests
import Foundation
import Records
import Storage
import Testing

/// What a run journal holds after whatever happened to it: a finished run as it was, or nothing.
@Suite struct JournalTests {
  private let folder: TemporaryFolder
  /// Two runs, the first with a flight recording.
  private let sample: SampleExperiment
  private let path: String
  private let bytes: Data

  init() throws {
    folder = try TemporaryFolder()
    var sample = SampleExperiment(runsPerProblem: 4, steps: 4)
    sample.runs = [sample.runs[6], sample.runs[4]]
    self.sample = sample
    path = folder.file("1.journal")
    bytes = try Self.journal(of: sample)
  }

  /// The bytes of the journal that an archive writes of the runs.
  static func journal(of sample: SampleExperiment) throws -> Data {
    let folder = try TemporaryFolder()
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    defer { _ = archive }
    return try Data(contentsOf: URL(fileURLWithPath: folder.file("sample.runs/1.journal")))
  }

  private func read(_ bytes: Data) throws -> (runs: [RunRecord], damage: [StorageError]) {
    try bytes.write(to: URL(fileURLWithPath: path))
    return try RunArchive.readJournal(path)
  }

  /// Where the blocks begin, and the end.
  private func blocks(of bytes: Data) -> [Int] {
    var places = [16]
    while let place = places.last, place < bytes.count {
      places.append(place + 24 + Int(bytes.number(at: place + 8)))
    }
    return places
  }

  @Test func aFinishedRunIsReadBackAsItWas() throws {
    let sample = SampleExperiment(recordsTensors: true)
    let found = try read(Self.journal(of: sample))
    #expect(found.damage.isEmpty)
    #expect(found.runs.map(\.key) == sample.order)
    for (read, written) in zip(found.runs, sample.runs) {
      expectSame(read, written)
      #expect(read.contentDigest == written.contentDigest)
    }
  }

  /// Wherever the writer died, what was finished before is there and nothing else.
  @Test func aTornJournalHoldsWhatWasFinishedBefore() throws {
    let firstEnd = try endOfFirstRun()
    #expect(try read(bytes).runs.count == 2)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    for length in (0..<bytes.count).reversed() {
      try file.truncate(atOffset: UInt64(length))
      let found = try RunArchive.readJournal(path)
      #expect(found.damage.isEmpty, "\(length): \(found.damage)")
      #expect(found.runs.count == (length < firstEnd ? 0 : 1), "\(length)")
    }
  }

  private func endOfFirstRun() throws -> Int {
    let places = blocks(of: bytes)
    let second = try #require(places.dropFirst().first { bytes.type(at: $0) == "RUN " })
    return second
  }

  /// Each bit of each byte.
  @Test(arguments: 0..<8) func aFlippedBitIsReportedAndCostsOneRunAtMost(bit: Int) throws {
    let bytes = Data(bytes.prefix(try endOfFirstRun()))
    _ = try read(bytes)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    func write(_ byte: UInt8, at place: Int) throws {
      try file.seek(toOffset: UInt64(place))
      try file.write(contentsOf: [byte])
    }
    for place in bytes.indices {
      try write(bytes[place] ^ 1 << UInt8(bit), at: place)
      defer { #expect(throws: Never.self) { try write(bytes[place], at: place) } }
      do {
        let found = try RunArchive.readJournal(path)
        #expect(!found.damage.isEmpty, "byte \(place), bit \(bit)")
        // The first bytes say nothing of the runs.
        #expect(found.runs == (place < 16 ? [sample.runs[0]] : []), "byte \(place), bit \(bit)")
      } catch {
        #expect(place < 8 && error.kind == .foreign, "byte \(place), bit \(bit): \(error)")
      }
    }
  }

  @Test func damageCostsTheRunInWhichItLies() throws {
    for place in blocks(of: bytes).dropLast() where place < (try endOfFirstRun()) {
      // The head, and what it holds.
      for offset in [9, 30] {
        var damaged = bytes
        damaged[place + offset] ^= 4
        let found = try read(damaged)
        #expect(found.damage.count == 1)
        #expect(found.runs.map(\.key) == [sample.order[1]])
      }
    }
  }

  /// Blocks that are sound, but not those of one run.
  @Test func aLostOrRepeatedBlockIsNoRun() throws {
    let places = blocks(of: bytes)
    for index in 0..<places.count - 1 {
      let block = bytes[places[index]..<places[index + 1]]
      let isFirstRun = places[index] < (try endOfFirstRun())
      var lost = bytes
      lost.removeSubrange(block.indices)
      var repeated = bytes
      repeated.insert(contentsOf: block, at: block.endIndex)
      for changed in [lost, repeated] {
        let found = try read(changed)
        // A run that begins twice, or does not end, is an unfinished one and a whole one.
        #expect(found.runs.count >= 1)
        #expect(found.runs.allSatisfy { sample.runs.contains($0) })
        if changed == lost { #expect(found.runs == [sample.runs[isFirstRun ? 1 : 0]]) }
      }
    }
  }

  @Test func anUnfinishedRunIsNotThere() throws {
    let places = blocks(of: bytes)
    let end = try endOfFirstRun()
    let last = try #require(places.last { $0 < end })
    var unfinished = bytes
    unfinished.removeSubrange(last..<end)
    // A checkpoint, and a block of a type that is not known yet.
    let found = try read(unfinished)
    #expect(found.damage.isEmpty && found.runs == [sample.runs[1]])
    for type in ["CKPT", "NEW "] {
      var block = Data(bytes[last..<end])
      block.replaceSubrange(0..<4, with: type.utf8)
      block.renewChecksums(at: 0)
      var renumbered = Data(bytes[last..<end])
      renumbered[4] += 1
      renumbered.renewChecksums(at: 0)
      let found = try read(bytes[..<last] + block + renumbered + bytes[end...])
      #expect(found.damage.isEmpty && found.runs == sample.runs, "\(type)")
    }
  }

  /// Whatever a block with the right checksums holds, it is read or refused.
  @Test(arguments: [0x00, 0x01, 0x7F, 0xFF] as [UInt8])
  func noContentIsTrusted(value: UInt8) throws {
    let bytes = Data(bytes.prefix(try endOfFirstRun()))
    let places = blocks(of: bytes)
    for (place, next) in zip(places, places.dropFirst()) {
      for changed in stride(from: place + 24, to: next, by: 3) where bytes[changed] != value {
        var other = bytes
        other[changed] = value
        other.renewChecksums(at: place)
        let found = try read(other)
        #expect(found.runs.count + found.damage.count == 1, "byte \(changed)")
        #expect(found.damage.allSatisfy { $0.kind == .damaged })
      }
    }
  }

  @Test func whatIsNoJournalOfTodayIsLeftAsItIs() throws {
    var newer = bytes
    newer[8] = 2
    newer.renewChecksum(of: 0..<12, at: 12)
    let newerError = try #require(throws: StorageError.self) { try read(newer) }
    #expect(newerError.kind == .newerFormat)
    #expect(newerError.detail == "its format version is 2; this program reads 1")
    for content in ["my notes", "\u{89}HDF", String(repeating: "x", count: 99)] {
      let error = try #require(throws: StorageError.self) { try read(Data(content.utf8)) }
      #expect(error.kind == .foreign)
    }
    let empty = try read(Data())
    #expect(empty.runs.isEmpty && empty.damage.isEmpty)
    // A reader of results says what it is.
    try bytes.write(to: URL(fileURLWithPath: path))
    let error = try #require(throws: StorageError.self) { try RunArchive.read(path) }
    #expect(error.kind == .foreign && error.detail == "it is a run journal, not a result")
  }

  @Test func aFileThatIsNoJournalIsSaidAndStays() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("sample.runs"), withIntermediateDirectories: true)
    let notes = URL(fileURLWithPath: folder.file("sample.runs/7.journal"))
    try Data("my notes, long enough to be a journal".utf8).write(to: notes)
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    #expect(archive.warnings.count == 1)
    #expect(archive.warnings.first?.contains("7.journal: it is no run journal") == true)
    for run in sample.runs { try archive.keep(run) }
    #expect(try folder.names(in: "sample.runs") == ["7.journal", "8.journal"])
    try archive.publish(order: sample.order)
    #expect(try folder.names(in: "sample.runs") == ["7.journal"])
  }

  /// Releases before the journal kept each run as a result file of one run.
  @Test func runsThatEarlierReleasesKeptAreTakenOver() throws {
    let runs = folder.file("sample.runs")
    try FileManager.default.createDirectory(atPath: runs, withIntermediateDirectories: true)
    for (index, run) in sample.runs.enumerated() {
      var header = sample.header
      header.problems.removeAll { $0.name != run.key.problem }
      let archive = try RunArchive(path: "\(runs)/\(index).h5", header: header)
      try archive.keep(run)
      try archive.publish(order: [run.key])
    }
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    #expect(archive.warnings.isEmpty)
    #expect(try archive.finishedRuns() == Set(sample.order))
    try archive.publish(order: sample.order)
    #expect(
      try RunArchive.readSummary(folder.file("sample.h5")).contentDigest
        == sample.record.contentDigest)
    #expect(try folder.names() == ["sample.h5", "sample.runs.lock"])
  }

  @Test func aJournalThatSomebodyRemovedIsBegunAnew() throws {
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    try archive.keep(sample.runs[0])
    try FileManager.default.removeItem(atPath: folder.file("sample.runs"))
    try archive.keep(sample.runs[1])
    let found = try RunArchive.readJournal(folder.file("sample.runs/1.journal"))
    #expect(found.runs == [sample.runs[1]])
    try archive.publish(order: sample.order)
    expectSame(try RunArchive.read(folder.file("sample.h5")), sample.record)
  }

  /// A program in another language, written after the document alone: it reads what is written here, and
  /// what it writes is taken over.
  @Test(.enabled(if: hasPython)) func anotherProgramReadsAndWritesJournals() throws {
    let sample = SampleExperiment(recordsTensors: true)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../scripts/run_journal.py").path
    let bytes = try Self.journal(of: sample)
    try bytes.write(to: URL(fileURLWithPath: path))
    let lines = try output(of: ["python3", script, "read", path])
    #expect(lines.split(separator: "\n").count == sample.runs.count)
    #expect(lines.contains(#""outcome": "exploded""#))

    try FileManager.default.createDirectory(
      atPath: folder.file("sample.runs"), withIntermediateDirectories: true)
    try Data(lines.utf8).write(to: URL(fileURLWithPath: folder.file("lines")))
    let copy = folder.file("sample.runs/from python.journal")
    let answer = try output(
      of: ["sh", "-c", #"python3 "$1" write "$2" < "$3""#, "", script, copy, folder.file("lines")])
    #expect(answer.isEmpty, "\(answer)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: copy)) == bytes)

    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    #expect(archive.warnings.isEmpty)
    #expect(try archive.finishedRuns() == Set(sample.order))
    try archive.publish(order: sample.order)
    expectSame(try RunArchive.read(folder.file("sample.h5")), sample.record)
  }
}

private let hasPython =
  (try? output(of: ["python3", "--version"]))?.hasPrefix("Python 3") == true

extension Data {
  /// The little-endian number in eight bytes.
  func number(at place: Int) -> UInt64 {
    self[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  fileprivate func type(at place: Int) -> String {
    String(decoding: self[place..<Swift.min(place + 4, endIndex)], as: UTF8.self)
  }

  /// Writes the checksums of a block that was changed.
  mutating func renewChecksums(at place: Int) {
    let payload = place + 24..<place + 24 + Int(number(at: place + 8))
    renewChecksum(of: payload, at: place + 16)
    renewChecksum(of: place..<place + 20, at: place + 20)
  }

  fileprivate mutating func renewChecksum(of range: Range<Int>, at place: Int) {
    let checksum = Array(self[range]).withUnsafeBytes { crc32(of: $0) }
    for byte in 0..<4 { self[place + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * byte)) }
  }
}
