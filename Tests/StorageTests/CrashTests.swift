import Foundation
import Records
import Storage
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is under its name is whole, whenever the writing process dies.
@Suite struct CrashTests {
  /// Microseconds after which the writer is killed, counted from its first kept run.
  static let delays: [UInt32] = [
    700, 2_900, 5_100, 11_300, 23_000, 41_000, 67_000, 90_000, 130_000, 190_000,
  ]

  @Test func everyFileIsWholeAfterTheWriterWasKilled() async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("sample.h5")
    var finished: Set<RunKey> = []
    var wholeFiles = 0
    for delay in Self.delays {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, delay = delay as UInt32] in
        let sample = SampleExperiment(runsPerProblem: 100)
        let archive = try RunArchive(path: path, header: sample.header)
        Thread.detachNewThread {
          usleep(delay)
          kill(getpid(), SIGKILL)
        }
        while true {
          for (index, run) in sample.runs.enumerated() {
            try archive.keep(run)
            if index % 20 == 19 { try archive.publish(order: sample.order) }
          }
        }
      }
      for name in (try? folder.names(in: "sample.runs")) ?? [] {
        let found = try RunArchive.readJournal(folder.file("sample.runs/\(name)"))
        #expect(found.damage.isEmpty)
        wholeFiles += found.runs.count
      }
      if try folder.names().contains("sample.h5") {
        #expect(throws: Never.self) { try RunArchive.read(path) }
        wholeFiles += 1
      }
      // The next owner finds all that was finished, and nothing half-finished.
      let archive = try RunArchive(path: path, header: SampleExperiment.header(plannedRuns: 200))
      let now = try archive.finishedRuns()
      #expect(archive.warnings.isEmpty)
      #expect(now.isSuperset(of: finished), "a finished run was lost")
      finished = now
      #expect(try folder.names(in: "sample.runs").allSatisfy { !$0.contains(".optbench-") })
      #expect(try folder.names().allSatisfy { !$0.contains(".optbench-") })
    }
    #expect(!finished.isEmpty && wholeFiles > 10)
  }

  /// A limit on file sizes stands in for a full disk where no disk can be mounted: the same failed
  /// write, as EFBIG.
  @Test(arguments: [10, 4_096])
  func aFileThatCannotGrowIsReportedAndNothingIsLost(limit: Int) async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("sample.h5")
    let sample = SampleExperiment()
    let archive = try RunArchive(path: path, header: sample.header)
    try archive.keep(sample.runs[0])
    _ = consume archive
    await #expect(processExitsWith: .success) { [path = path as String, limit = limit as Int] in
      let sample = SampleExperiment()
      let archive = try RunArchive(path: path, header: sample.header)
      signal(SIGXFSZ, SIG_IGN)
      var limits = rlimit(rlim_cur: rlim_t(limit), rlim_max: rlim_t(limit))
      #if canImport(Glibc)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
      #else
        setrlimit(RLIMIT_FSIZE, &limits)
      #endif
      expectOutOfSpace { try archive.keep(sample.runs[1]) }
      expectOutOfSpace { try archive.publish(order: sample.order) }
      #expect(try archive.finishedRuns() == [sample.order[0]])
    }
    let again = try RunArchive(path: path, header: sample.header)
    #expect(try again.finishedRuns() == [sample.order[0]])
    #expect(try folder.names(in: "sample.runs").count == 1)
    try again.publish(order: sample.order)
    expectSame(try RunArchive.read(path).runs[0], sample.runs[0])
  }

  #if os(Linux)
    /// A disk of 40 kB that is really full; needs the right to mount.
    @Test(.enabled(if: canMount)) func aFullDiskIsReportedAndNothingIsLost() throws {
      let folder = try TemporaryFolder()
      let disk = folder.file("disk")
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
      try #require(mount("tmpfs", disk, "tmpfs", 0, "size=40k") == 0)
      defer { umount2(disk, Int32(MNT_DETACH)) }
      let sample = SampleExperiment()
      let archive = try RunArchive(path: "\(disk)/sample.h5", header: sample.header)
      var kept: Set<RunKey> = []
      var failure: StorageError?
      for run in sample.runs {
        do {
          try archive.keep(run)
          kept.insert(run.key)
        } catch {
          failure = failure ?? error
        }
      }
      let error = try #require(failure)
      #expect(error.kind == .outOfSpace)
      #expect(error.detail == "No space left on device")
      #expect(
        error.description.hasSuffix(
          "free some space and run again: runs that were finished are kept"))
      expectOutOfSpace { try archive.publish(order: sample.order) }
      #expect(try archive.finishedRuns() == kept)
      let stored = try RunArchive.readJournal("\(disk)/sample.runs/1.journal")
      #expect(!kept.isEmpty && Set(stored.runs.map(\.key)) == kept && stored.damage.isEmpty)
    }

    static let canMount: Bool = {
      guard let folder = try? TemporaryFolder(),
        mount("tmpfs", folder.path, "tmpfs", 0, "size=16k") == 0
      else { return false }
      umount2(folder.path, Int32(MNT_DETACH))
      return true
    }()
  #endif
}

/// Expects that `operation` fails for lack of space.
private func expectOutOfSpace(_ operation: () throws -> Void) {
  let error = #expect(throws: StorageError.self) { try operation() }
  #expect(error?.kind == .outOfSpace, "\(String(describing: error))")
  #expect(
    ["No space left on device", "File too large"].contains(error?.detail),
    "\(String(describing: error))")
}
