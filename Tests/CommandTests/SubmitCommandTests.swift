import Foundation
import TestSupport
import Testing

@testable import optbench

/// What the scripts do on a Slurm is tried by `scripts/check_slurm.py`.
@Suite struct SubmitCommandTests {
  @Test func `without Slurm the scripts are printed, for paths of any kind, and are valid shell`()
    throws
  {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "it's $(x).yml")
    let printed = try Optbench.run(
      [
        "submit", "it's $(x).yml", "--shards", "4", "--seeds", "0,1", "--dry-run",
        "--sbatch-arg=--comment=two words",
      ], in: folder.path)
    #expect(printed.status == 0, "\(printed.errors)")
    #expect(printed.output.contains("--array=0-3 "))
    #expect(printed.output.contains(" '--comment=two words' "))
    #expect(printed.output.contains("--seeds 0,1 --output"))
    #expect(printed.output.contains("/it'\\''s $(x).yml'"))
    try folder.write(printed.output, to: "all.sh")
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-n", folder.path + "/all.sh"]
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
    // Nothing was written.
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/results"))
  }

  @Test func `what is wrong with the experiment is said before anything is submitted`() throws {
    let folder = try TemporaryFolder()
    try folder.write("optbench: 1\nname: x\nproblems: [nothing]\n", to: "x.yml")
    #expect(try Optbench.run(["submit", "x.yml", "--shards", "2"], in: folder.path).status == 2)
    try folder.write(smallExperiment, to: "small.yml")
    let none = try Optbench.run(["submit", "small.yml", "--shards", "0"], in: folder.path)
    #expect(none.status == 2)
    #expect(none.errors.contains("--shards 0"))
  }

  @Test(arguments: ["", "plain/path-1.h5", "two words", "it's", "$(rm -rf x)", "a\nb", "\"", "*"])
  func `a quoted word is itself again in the shell`(word: String) throws {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "printf %s \(SlurmScripts.quoted(word))"]
    let pipe = Pipe()
    shell.standardOutput = pipe
    try shell.run()
    let read = pipe.fileHandleForReading.readDataToEndOfFile()
    shell.waitUntilExit()
    #expect(String(decoding: read, as: UTF8.self) == word)
  }
}
