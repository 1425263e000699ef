import Foundation
import Records
import Storage
import TestSupport
import Testing

/// What a folder of journals holds of runs that are not finished, after whatever happened to it.
@Suite struct CheckpointStorageTests {
  private let folder: TemporaryFolder
  private let sample = SampleExperiment(steps: 12)

  init() throws { folder = try TemporaryFolder() }

  private func open() throws -> RunArchive {
    try RunArchive(path: folder.file("sample.h5"), header: sample.header)
  }

  /// The first run after some of its steps.
  private func checkpoint(after steps: Int) -> RunCheckpoint {
    var run = sample.runs[0]
    run.identity = String(repeating: "5e", count: 32)
    run.trajectory.series = run.trajectory.series.map { Array($0.prefix(steps)) }
    run.trajectory.clipFired = Array(run.trajectory.clipFired.prefix(steps))
    run.trajectory.further = []
    run.evaluations = Evaluations()
    run.flight = nil
    run.tensors = nil
    var checkpoint = RunCheckpoint(run: run, step: steps)
    checkpoint.integers = ["count": -3, "best": .max]
    checkpoint.numbers = ["norm": .nan, "loss": -.infinity]
    checkpoint.arrays = [
      CheckpointArray("parameters", [1, -0.0, .infinity, Float(steps)]),
      CheckpointArray("empty", []),
    ]
    return checkpoint
  }

  private func files() throws -> [String] {
    try folder.names(in: "sample.runs").map { folder.file("sample.runs/\($0)") }
  }

  /// The step of the checkpoint that an archive opened now finds.
  private func found() throws -> Int? {
    try open().checkpoint(of: checkpoint(after: 1).run)?.step
  }

  @Test func aCheckpointIsReadBackAsItWas() throws {
    let written = checkpoint(after: 7)
    try open().keep(written)
    let read = try #require(try open().checkpoint(of: written.run))
    #expect(read.step == 7 && read.integers == written.integers)
    #expect(read.numbers["loss"] == -.infinity && read.numbers["norm"]?.isNaN == true)
    #expect(read.arrays.map(\.name) == ["parameters", "empty"])
    read.arrays[0].withValues { values in
      #expect(values.map(\.bitPattern) == [1, -0.0, .infinity, Float(7)].map(\.bitPattern))
    }
    #expect(read.run.trajectory == written.run.trajectory)
    #expect(try open().finishedRuns().isEmpty)
    let other = SampleExperiment().runs[1]
    #expect(try open().checkpoint(of: other) == nil)
  }

  /// Of three checkpoints the last two are there, and the last one counts.
  @Test func aTornOrDamagedCheckpointGivesWayToTheOneBefore() throws {
    for steps in [3, 5, 9] { try open().keep(checkpoint(after: steps)) }
    let files = try files()
    try #require(files.count == 2)
    #expect(try found() == 9)
    let newest = try #require(files.max { size($0) < size($1) })
    let whole = try Data(contentsOf: URL(fileURLWithPath: newest))
    for length in stride(from: 0, to: whole.count, by: 11) {
      try whole.prefix(length).write(to: URL(fileURLWithPath: newest))
      #expect(try found() == 5, "torn at \(length)")
    }
    for place in Array(0..<48) + stride(from: 48, to: whole.count, by: 11) {
      var damaged = whole
      damaged[place] ^= 1 << UInt8(place % 8)
      try damaged.write(to: URL(fileURLWithPath: newest))
      // Version and checksum of the file say nothing of its runs.
      #expect(try found() == ((8..<16).contains(place) ? 9 : 5), "damaged at \(place)")
    }
    for file in files { try Data(whole.prefix(100)).write(to: URL(fileURLWithPath: file)) }
    #expect(try found() == nil)
  }

  private func size(_ file: String) -> Int {
    (try? Data(contentsOf: URL(fileURLWithPath: file)).count) ?? 0
  }

  @Test func aFinishedRunNeedsNoCheckpointAndOthersKeepTheirs() throws {
    var other = checkpoint(after: 4)
    other.run.identity = String(repeating: "07", count: 32)
    do {
      let archive = try open()
      try archive.keep(checkpoint(after: 4))
      try archive.keep(other)
      var finished = sample.runs[0]
      finished.identity = checkpoint(after: 4).run.identity
      try archive.keep(finished)
      #expect(archive.checkpoint(of: finished) == nil)
      try archive.publish(order: [finished.key])
    }
    #expect(try files().count == 1)
    let again = try open()
    #expect(again.checkpoint(of: other.run)?.step == 4)
    // Nothing is new: what is published stays, and so does what is not finished.
    try again.publish(order: sample.order)
    #expect(try files().count == 1)
  }

  /// The finished run came to the journal, and the process died before its checkpoint was removed.
  @Test func aCheckpointOfAFinishedRunIsRemovedWhereItIsFound() throws {
    try open().keep(checkpoint(after: 4))
    let file = try #require(try files().first)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    do {
      let archive = try open()
      var finished = sample.runs[0]
      finished.identity = checkpoint(after: 4).run.identity
      try archive.keep(finished)
    }
    try bytes.write(to: URL(fileURLWithPath: file))
    let archive = try open()
    #expect(try files().count == 1 && !files().contains(file))
    _ = archive
  }

  @Test func bitsOfAnotherProgramOrMachineAreNotMixed() throws {
    try open().keep(checkpoint(after: 4))
    var header = sample.header
    header.provenance.isa = "armv8"
    let archive = try RunArchive(path: folder.file("sample.h5"), header: header)
    #expect(archive.checkpoint(of: checkpoint(after: 1).run) == nil)
    #expect(
      archive.warnings == [
        "1 unfinished run was begun by another program or on another machine, isa (x86-64-v3, armv8): "
          + "not resumed, since the bits may differ"
      ])
  }

  /// Whoever watches reads the finished runs, and no state again and again.
  @Test func aWatchLooksPastCheckpoints() throws {
    let archive = try open()
    try archive.keep(checkpoint(after: 7))
    try archive.keep(sample.runs[1])
    for file in try files() where file.hasSuffix("-a.journal") {
      try Data("nobody reads this".utf8).write(to: URL(fileURLWithPath: file))
    }
    var watch = ResultWatch(folder.file("sample.h5"))
    #expect(try watch.look().ends.map(\.key) == [sample.order[1]])
  }

  /// A program in another language reads a checkpoint, and what it writes is the same.
  @Test func anotherProgramReadsAndWritesCheckpoints() throws {
    guard (try? output(of: ["python3", "--version"]))?.hasPrefix("Python 3") == true else { return }
    try open().keep(checkpoint(after: 7))
    let file = try #require(try files().first)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../scripts/run_journal.py").path
    let line = try output(of: ["python3", script, "read", file])
    #expect(
      line.contains(#""step": 7"#)
        && line.contains(#"["parameters", "f", [1.0, -0.0, Infinity, 7.0]]"#))
    try Data(line.utf8).write(to: URL(fileURLWithPath: folder.file("line")))
    let copy = folder.file("copy.journal")
    let answer = try output(
      of: ["sh", "-c", #"python3 "$1" write "$2" < "$3""#, "", script, copy, folder.file("line")])
    #expect(answer.isEmpty, "\(answer)")
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: copy))
        == Data(contentsOf: URL(fileURLWithPath: file)))
  }

  /// As a program might that writes one journal while it trains.
  @Test func theLastCheckpointOfAJournalThatWasAppendedToCounts() throws {
    try open().keep(checkpoint(after: 4))
    let file = try #require(try files().first)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    let places = blocks(of: bytes)
    let state = Data(bytes[places[places.count - 2]...])
    let sequence = UInt32(places.count - 1)
    var rows = Data([0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0])
    rows += Data(count: 8 * 4 + 1)
    bytes += block("ROWS", sequence, rows)
    let second = block("CKPT", sequence + 1, Data(state.dropFirst(24)))
    let torn = bytes + second.dropLast()
    bytes += second
    try bytes.write(to: URL(fileURLWithPath: file))
    let read = try #require(try open().checkpoint(of: checkpoint(after: 1).run))
    #expect(read.run.trajectory.steps == 5)
    try torn.write(to: URL(fileURLWithPath: file))
    #expect(try open().checkpoint(of: checkpoint(after: 1).run)?.run.trajectory.steps == 4)
  }
}

/// Where the blocks of a journal begin, and the end.
private func blocks(of bytes: Data) -> [Int] {
  var places = [16]
  while let place = places.last, place < bytes.count {
    places.append(place + 24 + Int(bytes.number(at: place + 8)))
  }
  return places
}

private func block(_ type: String, _ sequence: UInt32, _ payload: Data) -> Data {
  var block = Data(type.utf8)
  withUnsafeBytes(of: sequence.littleEndian) { block += Data($0) }
  withUnsafeBytes(of: UInt64(payload.count).littleEndian) { block += Data($0) }
  block += Data(count: 8) + payload
  block.renewChecksums(at: 0)
  return block
}
