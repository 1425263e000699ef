import Dispatch
import Foundation
import HDF5
import Records
import Storage
import Testing

/// How an archive grows, is resumed and refuses what is not its own.
@Suite struct ArchiveTests {
  @Test func anInterruptedExperimentGoesOnWhereItStopped() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment(runsPerProblem: 20)
    let path = folder.file("sample.h5")
    // Interrupted after the even runs; after the runs divisible by three; published in between.
    for part in [2, 3, 1] {
      let archive = try RunArchive(path: path, header: sample.header)
      let finished = try archive.finishedRuns()
      for (index, run) in sample.runs.enumerated()
      where index % part == 0 && !finished.contains(run.key) { try archive.keep(run) }
      if part != 2 { try archive.publish(order: sample.order) }
    }
    let read = try RunArchive.read(path)
    expectSame(read, sample.record)
    #expect(read.contentDigest == sample.record.contentDigest)
    #expect(try folder.names() == ["sample.h5"])
  }

  @Test func runsKeptFromManyThreadsAreAllThere() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment(runsPerProblem: 40)
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    let runs = sample.runs
    DispatchQueue.concurrentPerform(iterations: runs.count) { index in
      #expect(throws: Never.self) { try archive.keep(runs[index]) }
    }
    #expect(try archive.finishedRuns() == Set(sample.order))
    try archive.publish(order: sample.order)
    #expect(
      try RunArchive.readSummary(folder.file("sample.h5")).contentDigest
        == sample.record.contentDigest)
  }

  @Test func anEditedTextOfTheSameExperimentIsTakenOver() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    let path = folder.file("sample.h5")
    let first = try RunArchive(path: path, header: sample.header)
    for run in sample.runs { try first.keep(run) }
    try first.publish(order: sample.order)
    _ = consume first

    var edited = sample.record
    edited.header.spec += "published: []\n"
    edited.header.title = "Another title"
    var header = edited.header
    header.provenance.created = "2030-01-01T00:00:00Z"
    let second = try RunArchive(path: path, header: header)
    try second.publish(order: sample.order)
    // With what the runs were made stays as it was.
    expectSame(try RunArchive.read(path), edited)
  }

  @Test func aPublishedExperimentIsNotWrittenAgain() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    let path = folder.file("sample.h5")
    let first = try RunArchive(path: path, header: sample.header, keepsRuns: true)
    for run in sample.runs { try first.keep(run) }
    try first.publish(order: sample.order)
    let written = try FileManager.default.attributesOfItem(atPath: path)
    try first.publish(order: sample.order)
    #expect(try folder.names(in: "sample.runs") == ["1.journal"])
    _ = consume first

    let second = try RunArchive(path: path, header: sample.header)
    #expect(try second.finishedRuns() == Set(sample.order))
    try second.publish(order: sample.order)
    let now = try FileManager.default.attributesOfItem(atPath: path)
    #expect(now[.systemFileNumber] as? Int == written[.systemFileNumber] as? Int)
    #expect(try folder.names().contains("sample.runs") == false)
  }

  @Test func aRunThatTheOrderDoesNotNameIsNotLost() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    try archive.publish(order: [sample.order[3], sample.order[7]])
    let read = try RunArchive.read(folder.file("sample.h5"))
    #expect(read.runs.count == sample.runs.count)
    #expect(read.runs[0].key == sample.order[3])
  }

  @Test func keysOfAllKindsStayApart() throws {
    let folder = try TemporaryFolder()
    var sample = SampleExperiment()
    let long = String(repeating: "très long/", count: 60)
    let names = ["a b", "a/b", "a_b", "A b", "..", long + "1", long + "2"]
    sample.runs = names.map { name in
      var run = sample.runs[0]
      run.key = RunKey(problem: "digits", run: name)
      return run
    }
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    try archive.publish(order: sample.order)
    #expect(try RunArchive.read(folder.file("sample.h5")).runs.map(\.key.run) == names)
  }

  @Test func theLockNamesTheProcessThatHoldsIt() async throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    let path = folder.file("sample.h5")
    let archive = try RunArchive(path: path, header: sample.header)
    let error = try #require(throws: StorageError.self) {
      _ = try RunArchive(path: path, header: sample.header)
    }
    #expect(error.kind == .inUse)
    #expect(
      error.description
        == "cannot write \(path): this process is writing it; wait until it has finished, "
        + "stop it, or choose another file with --output")
    let owner = ProcessInfo.processInfo.processIdentifier
    await #expect(processExitsWith: .success) { [path = path as String, owner = owner as Int32] in
      let error = #expect(throws: StorageError.self) {
        _ = try RunArchive(path: path, header: SampleExperiment.header())
      }
      #expect(error?.detail == "another process (\(owner)) is writing it")
    }
    _ = consume archive
    _ = try RunArchive(path: path, header: sample.header)
    #expect(try folder.names().isEmpty)
  }

  @Test func anotherSpecIsRefusedAndNothingIsLost() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    let path = folder.file("sample.h5")
    var other = sample.header
    other.title = "Another"
    other.specDigest = String(repeating: "9", count: 64)

    let archive = try RunArchive(path: path, header: sample.header)
    try archive.keep(sample.runs[0])
    _ = consume archive
    let fromRunFile = try #require(throws: StorageError.self) {
      _ = try RunArchive(path: path, header: other)
    }
    #expect(fromRunFile.kind == .otherSpec)
    #expect(fromRunFile.file.hasSuffix("sample.runs/1.journal"))

    let again = try RunArchive(path: path, header: sample.header)
    try again.publish(order: sample.order)
    _ = consume again
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let fromMerged = try #require(throws: StorageError.self) {
      _ = try RunArchive(path: path, header: other)
    }
    #expect(
      fromMerged.description
        == "cannot write \(path): it holds another experiment, 'Ein Prüfstück' "
        + "(spec c0c0c0c0c0c0), than 'Another' (spec 999999999999); "
        + "choose another file with --output, or remove this one to start over")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(try folder.names() == ["sample.h5"])
  }

  /// What changed in a problem since the runs were made, and what the refusal says; nothing where the
  /// runs count as the same problem's.
  @Test(arguments: [
    ("digest", true, "digits.csv, the data of the problem 'digits', or its definition has changed"),
    ("digest", false, "the definition of the problem 'digits' has changed"),
    ("dataDigest", false, "digits.csv, the data of the problem 'digits', has changed"),
    ("dataDigest", true, ""),
  ])
  func runsOfAnotherProblemAreNotMixed(
    changed: String, isOld: Bool, words: String
  ) throws {
    let folder = try TemporaryFolder()
    var sample = SampleExperiment()
    let path = folder.file("sample.h5")
    let now = sample.header
    // Results of the first releases do not know their data's digest.
    if isOld { sample.header.problems[0].dataDigest = "" }
    if changed == "digest" {
      sample.header.problems[0].digest = String(repeating: "7", count: 64)
    } else if !isOld {
      sample.header.problems[0].dataDigest = String(repeating: "7", count: 64)
    }
    sample.header.problems[0].summary = "7×8 digits"
    let archive = try RunArchive(path: path, header: sample.header)
    try archive.keep(sample.runs[0])
    _ = consume archive
    for isMerged in [false, true] {
      if isMerged {
        let archive = try RunArchive(path: path, header: sample.header)
        try archive.publish(order: sample.order)
      }
      guard !words.isEmpty else {
        #expect(try RunArchive(path: path, header: now).finishedRuns() == [sample.order[0]])
        continue
      }
      let error = try #require(throws: StorageError.self) {
        _ = try RunArchive(path: path, header: now)
      }
      #expect(error.kind == .otherProblem)
      #expect(error.detail.hasPrefix(words), "\(error)")
      #expect(error.detail.contains("then 7×8 digits; now 8×8 digits"), "\(error)")
      #expect(error.advice.contains("--output"))
    }
  }

  @Test func leftOversOfDeadProcessesAreSweptAway() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    try FileManager.default.createDirectory(
      atPath: folder.file("sample.runs"), withIntermediateDirectories: true)
    let end = ".optbench-0123456789abcdef"
    for name in [
      ".sample.h5\(end)", "sample.runs/.x.h5\(end)", "sample.runs/3.journal", ".other.h5\(end)",
      "sample.h5.tmp.2026.11",
    ] {
      let isForeign = name.contains("tmp")
      try Data((isForeign ? "my notes" : "").utf8)
        .write(to: URL(fileURLWithPath: folder.file(name)))
    }
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    #expect(
      try folder.names() == [
        ".other.h5\(end)", "sample.h5.tmp.2026.11", "sample.runs", "sample.runs.lock",
      ])
    #expect(try folder.names(in: "sample.runs").isEmpty)
    #expect(archive.warnings.isEmpty)
  }

  @Test func aFileThatAppearsMeanwhileIsLeftAsItIsAndTheRunsAreKept() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    let path = folder.file("sample.h5")
    let archive = try RunArchive(path: path, header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    try Data("my notes".utf8).write(to: URL(fileURLWithPath: path))
    let error = try #require(throws: StorageError.self) { try archive.publish(order: sample.order) }
    #expect(error.detail.contains("appeared there meanwhile"), "\(error)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("my notes".utf8))
    try FileManager.default.removeItem(atPath: path)
    try archive.publish(order: sample.order)
    expectSame(try RunArchive.read(path), sample.record)
  }

  @Test func aLinkAsResultIsWrittenThrough() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    try FileManager.default.createDirectory(
      atPath: folder.file("disk"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("sample.h5"), withDestinationPath: "disk/real.h5")
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    try archive.publish(order: sample.order)
    try archive.publish(order: sample.order.reversed())
    _ = consume archive
    #expect(try folder.names(in: "disk") == ["real.h5"])
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("sample.h5"))
        == "disk/real.h5")
  }

  @Test func aFileWithoutExtensionIsSweptAloneAndByItsWholeName() throws {
    let folder = try TemporaryFolder()
    let end = ".optbench-0123456789abcdef"
    for name in [".sample\(end)", ".sample2\(end)", ".sample2.h5\(end)"] {
      try Data().write(to: URL(fileURLWithPath: folder.file(name)))
    }
    let archive = try RunArchive(path: folder.file("sample"), header: SampleExperiment.header())
    #expect(
      try folder.names() == [
        ".sample2.h5\(end)", ".sample2\(end)", "sample.runs", "sample.runs.lock",
      ])
    _ = consume archive
  }

  @Test(arguments: ["", "folder-of-no-result/"])
  func aPathThatNamesNoFileIsRefusedBeforeAnythingIsDone(path: String) throws {
    let error = try #require(throws: StorageError.self) {
      _ = try RunArchive(path: path, header: SampleExperiment.header())
    }
    #expect(error.description.contains("'\(path)': it is not a file's name; give one such as"))
    #expect(!FileManager.default.fileExists(atPath: "folder-of-no-result"))
  }

  @Test func foldersAreCreatedAndAFileInTheWayIsNamed() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    _ = try RunArchive(path: folder.file("a/b/sample.h5"), header: sample.header)
    #expect(try folder.names(in: "a/b").isEmpty)

    try Data().write(to: URL(fileURLWithPath: folder.file("file")))
    let error = try #require(throws: StorageError.self) {
      _ = try RunArchive(path: folder.file("file/sample.h5"), header: sample.header)
    }
    #expect(error.kind == .refused)
    #expect(
      error.description
        == "cannot look at \(folder.file("file/sample.h5")): Not a directory; a file stands where a "
        + "folder is needed; choose another place with --output")
  }

  @Test func aSeedBeyond32BitsIsRefusedByName() throws {
    let folder = try TemporaryFolder()
    var sample = SampleExperiment()
    sample.runs[0].seed = 5_000_000_000
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    let error = try #require(throws: StorageError.self) { try archive.keep(sample.runs[0]) }
    #expect(error.object == "/digits/seed")
    #expect(error.detail.contains("5000000000"))
    #expect(try folder.names(in: "sample.runs").isEmpty)
  }
}
