import ArgumentParser
import Files
import Foundation
import Processes
import Storage

/// `optbench repair`: makes a result file usable that has lost its seal, or is damaged.
struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract:
      "Checks a result file that another program has changed or that is damaged, and seals it again.",
    discussion: """
      A result file ends with a seal, a SHA-256 of all before it. A program that changes the file, such \
      as h5py in mode r+, cuts it off, and damage cannot be told from change then: HDF5 may crash or \
      use up the memory on a damaged file, so optbench reads none without a seal.

      A file whose seal does not match was damaged, by a disk for instance: its intact runs are kept, if \
      what it says of the experiment is as it was written. Finished runs in journals beside the file need no \
      repair: optbench run takes them over.

      repair reads the file in a process of its own, with limits on memory and time, and writes every \
      run that is as it was written into a new file of the same name. The file as it was, with all \
      that was added to it, stays beside it as FILE.unsealed.

      EXAMPLES
        optbench repair results/digits.h5
      """)

  @Argument(help: "The result file (HDF5).", completion: .file(extensions: ["h5"]))
  var file: String

  func run() throws {
    try reportingErrors {
      guard try isUnsealed() else {
        return try printAnswer("\(file): the seal is there and matches; nothing to repair")
      }
      let folder = FileManager.default.temporaryDirectory.path + "/optbench-" + UUID().uuidString
      try createFolder(folder)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let rows = try salvage(into: folder + "/salvaged.h5")
      let stored = try RunArchive.readSummary(folder + "/salvaged.h5").storedRuns
      guard stored > 0 else {
        throw CommandFailure("\(file): no run in it is intact; restore it from a copy")
      }
      let kept = try keepOriginal()
      try RunArchive.replace(file, byCopyOf: folder + "/salvaged.h5")
      let found = stored == rows ? "all \(rows) runs are" : "\(stored) of \(rows) runs are"
      try printAnswer(
        "\(file): \(found) as they were written, and were kept; the file as it was is \(kept)")
    }
  }

  private func isUnsealed() throws(StorageError) -> Bool {
    do {
      _ = try RunArchive.readSummary(file)
      return false
    } catch {
      guard [.unsealed, .damaged].contains(error.kind) else { throw error }
      return true
    }
  }

  /// The most rows at which the reading process may die.
  private static let patience = 50

  /// - Returns: The rows that the file has.
  private func salvage(into target: String) throws -> Int {
    guard let program = Bundle.main.executableURL?.path else {
      throw CommandFailure("\(file): this program cannot find itself to start a second time")
    }
    var variables = ProcessInfo.processInfo.environment
    variables["SWIFT_BACKTRACE"] = "enable=no"
    let environment = variables.map { "\($0.key)=\($0.value)" }
    var first = 0
    for _ in 0..<Self.patience {
      let child = ChildProcess.run(
        [program, "salvage", "--from", "\(first)", "--", file, target], environment: environment,
        seconds: 3600)
      guard let child else { throw CommandFailure("the system refuses to start another process") }
      let words = child.output.split(separator: "\n").last?.split(separator: " ") ?? []
      guard words.count == 2, let row = Int(words[1]) else { break }
      if child.ending == .exited(0), words[0] == "rows" { return row }
      first = row + 1
    }
    throw CommandFailure("\(file): it is damaged beyond its runs; restore it from a copy")
  }

  /// Gives the original a second name that is free.
  private func keepOriginal() throws -> String {
    for number in 1...1000 {
      let name = number == 1 ? "\(file).unsealed" : "\(file).unsealed\(number)"
      if link(file, name) == 0 { return name }
      guard errno == EEXIST else { throw FileError.ofSystem("write", name) }
    }
    throw CommandFailure("\(file).unsealed: a thousand such files are there; remove some")
  }
}

/// `optbench salvage`: the process in which `repair` reads what nobody vouches for. It says each row
/// before it reads it, and at the end how many there are.
struct SalvageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "salvage", shouldDisplay: false)

  /// The time that one run may take.
  private static let seconds = 20

  @Option var from: Int
  @Argument var file: String
  @Argument var target: String

  func run() throws {
    try reportingErrors {
      ResourceLimits.confine(addressSpace: 3 << 30)
      ResourceLimits.endAfter(seconds: Self.seconds)
      let rows = try RunArchive.salvage(file, into: target, from: from) { row in
        ResourceLimits.endAfter(seconds: Self.seconds)
        try? writeToStandardOutput("row \(row)\n")
      }
      try writeToStandardOutput("rows \(rows)\n")
    }
  }
}
