import ArgumentParser
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// `make soak`: reads mutated files of every kind that the program reads. None may trap, take longer than five
/// seconds or more than a gigabyte.
///
/// A process of its own reads a batch of inputs; one that dies names the input, which is kept, and the next
/// process goes on behind it. The same seed gives the same inputs.
@main
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optbench-fuzz", abstract: "Reads mutated input of every kind.")

  /// Inputs are kept there that broke a reader.
  @Option(help: "The folder for inputs that break a reader.")
  var keep = "/tmp/optbench-fuzz"

  @Option(help: "Inputs of each kind.")
  var count = 100_000

  @Option(help: "The seed of the mutations.")
  var seed: UInt64 = 1

  @Option(help: "Only the kinds whose names contain this.")
  var only: String?

  @Option(help: "The folder of the repository, for the inputs that are mutated.")
  var repository = "."

  @Option(help: .hidden)
  var worker: String?

  @Option(help: .hidden)
  var from = 0

  /// The inputs of one process.
  private static let batch = 20_000
  static let mostSeconds: UInt32 = 5
  static let mostBytes: rlim_t = 1 << 30

  func run() throws {
    let readers = try HostileReader.all(repository: repository)
    if let worker, let reader = readers.first(where: { $0.name == worker }) {
      return try Worker(reader, seed: seed).run(from: from, to: count)
    }
    try FileManager.default.createDirectory(atPath: keep, withIntermediateDirectories: true)
    var failed = 0
    for reader in readers where only.map({ reader.name.contains($0) }) ?? true {
      failed += try drive(reader)
    }
    if failed > 0 { throw ExitCode(1) }
  }

  /// Has all inputs of one kind read; gives the number of those that broke the reader.
  private func drive(_ reader: HostileReader) throws -> Int {
    let start = ContinuousClock.now
    let folder = try Scratch(reader.name)
    var (next, accepted, broken) = (0, 0, 0)
    while next < count {
      let end = min(next + Self.batch, count)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = [
        "--worker", reader.name, "--from", "\(next)", "--count", "\(end)", "--seed", "\(seed)",
        "--repository", repository, "--keep", folder.path,
      ]
      process.currentDirectoryURL = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
      process.environment = ProcessInfo.processInfo.environment.merging(["FUZZ_FOLDER": folder.path]
      ) { $1 }
      process.standardError = FileHandle(forWritingAtPath: folder.file("errors"))
      try process.run()
      process.waitUntilExit()
      let state = folder.state()
      accepted += state.accepted
      if process.terminationReason == .exit, process.terminationStatus == 0 {
        next = end
        continue
      }
      broken += 1
      let name = "\(keep)/\(reader.name)-\(state.index)"
      try? FileManager.default.removeItem(atPath: name)
      try? FileManager.default.copyItem(atPath: folder.file("input"), toPath: name)
      let how =
        process.terminationStatus == SIGALRM
        ? "took longer than \(Self.mostSeconds) s" : "ended with \(process.terminationStatus)"
      say("BROKEN \(reader.name) input \(state.index): \(how); kept as \(name)")
      next = state.index + 1
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    say(
      "\(broken == 0 ? "ok    " : "BROKEN") \(reader.name): \(count) inputs, \(accepted) accepted, \(count - accepted - broken) refused, "
        + String(format: "%.0f s", seconds))
    return broken
  }
}

/// Prints a line at once.
private func say(_ line: String) {
  FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

/// A folder in memory for one kind: the input, and how far its reader is.
struct Scratch {
  let path: String

  init(_ name: String) throws {
    let root = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
    path =
      ProcessInfo.processInfo.environment["FUZZ_FOLDER"]
      ?? "\(root)/optbench-fuzz-\(getpid())-\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for name in ["errors", "state"] where !FileManager.default.fileExists(atPath: file(name)) {
      _ = FileManager.default.createFile(atPath: file(name), contents: Data(count: 16))
    }
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func state() -> (index: Int, accepted: Int) {
    let data = FileManager.default.contents(atPath: file("state")) ?? Data(count: 16)
    return data.withUnsafeBytes {
      ($0.loadUnaligned(as: Int.self), $0.loadUnaligned(fromByteOffset: 8, as: Int.self))
    }
  }
}

/// Reads inputs one after the other in this process.
private struct Worker {
  let reader: HostileReader
  let seed: UInt64

  init(_ reader: HostileReader, seed: UInt64) {
    self.reader = reader
    self.seed = seed
  }

  func run(from start: Int, to end: Int) throws {
    let scratch = try Scratch(reader.name)
    let input = scratch.file("input")
    let state = open(scratch.file("state"), O_WRONLY)
    var limit = rlimit(rlim_cur: FuzzCommand.mostBytes, rlim_max: FuzzCommand.mostBytes)
    setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    var accepted = 0
    for index in start..<end {
      var mutator = Mutator(seed: seed &* 1_000_003 &+ UInt64(index), words: reader.words)
      let bytes = reader.mended(mutator.mutated(reader.seeds))
      _ = FileManager.default.createFile(atPath: input, contents: Data(bytes))
      var words = [index, accepted]
      pwrite(state, &words, 16, 0)
      alarm(FuzzCommand.mostSeconds)
      if reader.read(input, bytes) { accepted += 1 }
      alarm(0)
    }
    var words = [end, accepted]
    pwrite(state, &words, 16, 0)
  }
}
