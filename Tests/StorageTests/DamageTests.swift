import Digests
import Foundation
import HDF5
import Records
import Storage
import Testing

/// Files that are damaged, foreign or from the future are told apart, and never overwritten.
@Suite struct DamageTests {
  @Test func filesOfTheFirstFormatAreStillRead() throws {
    let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/format-1.h5").path
    var expected = SampleExperiment().runs[1]
    expected.trainingSeconds = .nan
    expectSame(try RunArchive.read(fixture).runs[1], expected)
    #expect(try RunArchive.readSummary(fixture).storedRuns == 10)
  }

  @Test func aMissingFileOrAFolderIsNamed() throws {
    let folder = try TemporaryFolder()
    #expect(
      throws: StorageError(
        kind: .missing, operation: "read", file: folder.file("none.h5"),
        detail: "there is no such file", advice: "check the path, or run the experiment")
    ) { try RunArchive.read(folder.file("none.h5")) }
    let error = try #require(throws: StorageError.self) { try RunArchive.read(folder.path) }
    #expect(error.detail == "it is a folder")
  }

  @Test(arguments: ["", "optbench: 1\n", "\u{89}HD"])
  func whatIsNotHDF5IsRefused(content: String) throws {
    try expectRefused(Data(content.utf8), kind: .foreign, detail: "it is not an HDF5 file")
  }

  @Test func anHDF5FileOfAnotherProgramIsRefused() throws {
    try expectRefused(
      sealed(try hdf5 { root throws(HDF5Error) in try root.setAttribute("format", "pickle") }),
      kind: .foreign, detail: "it is an HDF5 file, but not an optbench experiment")
  }

  @Test func aNewerFormatIsRefused() throws {
    let newer = try hdf5 { root throws(HDF5Error) in
      try root.setAttribute("format", "optbench-experiment")
      try root.setAttribute("format_version", Int32(2))
    }
    try expectRefused(
      sealed(newer), kind: .newerFormat,
      detail: "its format version is 2; this program reads up to 1")
  }

  @Test(arguments: [9, 48, 100, 5_000, -4_096, -120, -74, -73, -1])
  func aTruncatedFileIsRefused(length: Int) throws {
    let whole = try publishedSample()
    let part = whole.prefix(length > 0 ? length : whole.count + length)
    try expectRefused(part, kind: .unsealed, detail: "it has no seal at its end")
  }

  /// Every bit of the file matters or is unused: a flipped one is reported, or changes nothing.
  @Test(arguments: 0..<8) func aFlippedBitIsReported(part: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("sample.h5")
    let whole = try publishedSample()
    for place in stride(from: part * 97, to: whole.count, by: 1999) {
      var damaged = whole
      damaged[place] ^= 1 << UInt8(place % 8)
      try damaged.write(to: URL(fileURLWithPath: path))
      let error = try #require(throws: StorageError.self) { try RunArchive.read(path) }
      #expect([.damaged, .foreign, .unsealed].contains(error.kind), "\(error)")
    }
  }

  @Test func aDamagedRunIsReportedAndDoneAgain() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    let path = folder.file("sample.h5")
    let first = try RunArchive(path: path, header: sample.header)
    for run in sample.runs { try first.keep(run) }
    _ = consume first
    let journal = URL(fileURLWithPath: folder.file("sample.runs/1.journal"))
    var bytes = try Data(contentsOf: journal).dropLast()
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: journal)

    let second = try RunArchive(path: path, header: sample.header)
    #expect(second.warnings.count == 1)
    #expect(
      second.warnings[0].contains("sample.runs/1.journal: a block does not match its checksum"))
    #expect(second.warnings[0].hasSuffix("; the run is done again"))
    let missing = Set(sample.order).subtracting(try second.finishedRuns())
    #expect(missing.count == 2)
    for run in sample.runs where missing.contains(run.key) { try second.keep(run) }
    try second.publish(order: sample.order)
    expectSame(try RunArchive.read(path), sample.record)
  }

  /// Expects that `content` is refused by readers and by an archive that is to write there, which
  /// leaves it as it is.
  private func expectRefused(
    _ content: Data, kind: StorageError.Kind, detail: String
  ) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("sample.h5")
    try content.write(to: URL(fileURLWithPath: path))
    for operation in [
      { _ = try RunArchive.read(path) }, { _ = try RunArchive.readSummary(path) },
      { _ = try RunArchive(path: path, header: SampleExperiment.header()) },
    ] {
      let error = try #require(throws: StorageError.self) { try operation() }
      #expect(error.kind == kind)
      #expect(error.detail.hasPrefix(detail), "\(error)")
      #expect(error.file == path && !error.advice.isEmpty)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)
  }

  /// The bytes of a file with the attributes that `body` sets.
  private func hdf5(
    _ body: (borrowing HDF5Group) throws(HDF5Error) -> Void
  ) throws -> Data {
    let folder = try TemporaryFolder()
    let path = folder.file("made.h5")
    try HDF5Library.exclusively { () throws(HDF5Error) in
      let file = try HDF5File.create(path)
      try body(try file.root())
      try file.close()
    }
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// The bytes with the line that a whole file ends with.
  private func sealed(_ bytes: Data) -> Data {
    var digest = Digest()
    bytes.withUnsafeBytes { digest.add($0) }
    return bytes + Data("\nsha256 \(digest.finish())\n".utf8)
  }

  private func publishedSample() throws -> Data {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    try archive.publish(order: sample.order)
    return try Data(contentsOf: URL(fileURLWithPath: folder.file("sample.h5")))
  }
}
