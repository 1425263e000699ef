import Foundation
@testable import Problems
import TestSupport
import Testing

/// Data files that somebody writes to while they are read.
@Suite("Changing files")
struct ChangingFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func table(rows: Int) -> String {
    "a,kind\n" + (0..<rows).map { "\($0),\($0 % 2)\n" }.joined()
  }

  @Test("a table of another size than the experiment was planned with is refused")
  func otherSize() throws {
    let path = try folder.write(table(rows: 20), to: "table.csv")
    let source = try datasetSource("{name: csv, path: '\(path)', validation: 4, test: 4}")
    _ = try folder.write(table(rows: 21), to: "table.csv")
    var loaded = LoadedDatasets()
    let error = #expect(throws: ProblemError.self) {
      _ = try loaded.dataset(from: source, baseDirectory: "")
    }
    #expect(
      error?.description == "\(path): has changed while the experiment was prepared")
  }

  @Test(
    "a file that is written, replaced or cut while it is read in several steps is refused",
    arguments: [0, 1, 2])
  func duringReading(way: Int) throws {
    let path = try folder.write("0123456789", to: "data.bin")
    let other = try folder.write("0123456789", to: "other.bin")
    var reads = 0
    let error = #expect(throws: ProblemError.self) {
      try DataFile.unchanged(path, key: "path") { () throws(ProblemError) in
        reads += 1
        switch way {
        case 0:
          let file = FileHandle(forWritingAtPath: path)
          file?.seekToEndOfFile()
          file?.write(Data("x".utf8))
          try? file?.close()
        case 1: rename(other, path)
        default: truncate(path, 4)
        }
      }
    }
    #expect(
      error?.description == "\(path): was changed while it was read; run again when it is whole")
    #expect(reads == 1)
    #expect(try DataFile.unchanged(path, key: "path") { () throws(ProblemError) in 7 } == 7)
  }
}
