import ArgumentParser
import Records
import Storage

/// `optbench verify`: whether results are whole and complete.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Reads everything in result files, and says whether they are whole and complete.",
    discussion: """
      Of a result: the seal, every value, the digests of runs and content, whether each run fits together \
      and is the planned one, whether each planned run is there, and the traces of update rules. Of a run \
      journal (*.journal): every block. One line for each file.

      Exit codes: 0 all are whole and complete, 1 whole but runs are missing, 2 one cannot be read or is \
      damaged.

      EXAMPLES
        optbench verify results/*.h5
        optbench verify results/digits.runs/1.journal
      """)

  @Argument(
    help: "Result files (HDF5) and run journals.", completion: .file(extensions: ["h5", "journal"]))
  var files: [String]

  func run() throws {
    var code: Int32 = 0
    for file in files {
      let (line, own) = Self.verdict(on: file)
      code = max(code, own)
      try reportingErrors { try printAnswer("\(file): \(line)") }
    }
    if code != 0 { throw ExitCode(code) }
  }

  private static func verdict(on file: String) -> (line: String, code: Int32) {
    do {
      if file.hasSuffix(".journal") {
        let found = try JournalVerification(file)
        return (found.description, found.isWhole ? 0 : 2)
      }
      let found = try ResultVerification(file)
      return (found.description, !found.defects.isEmpty ? 2 : found.missing.isEmpty ? 0 : 1)
    } catch {
      return ("\(error.detail)\(error.advice.isEmpty ? "" : "; \(error.advice)")", 2)
    }
  }
}
