import Foundation
import TestSupport
import Testing

@Suite struct ReportCommandTests {
  @Test func theSameResultGivesTheSameBytes() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    #expect(try Optbench.run(["run", "small.yml"], in: folder.path).status == 0)
    for output in ["a", "b"] {
      let report = try Optbench.run(
        ["report", "results/small.h5", "--output", output], in: folder.path)
      #expect(report.status == 0, "\(report.errors)")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/a").sorted()
    #expect(names.contains("report.md"))
    #expect(names.filter { $0.hasSuffix(".csv") }.count >= 5)
    for name in names {
      #expect(
        FileManager.default.contents(atPath: "\(folder.path)/a/\(name)")
          == FileManager.default.contents(atPath: "\(folder.path)/b/\(name)"))
    }
  }

  @Test func severalResultsGetAnOverview() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    try folder.write(smallExperiment.replacing("name: small", with: "name: other"), to: "other.yml")
    for file in ["small.yml", "other.yml"] {
      #expect(try Optbench.run(["run", file], in: folder.path).status == 0)
    }
    let report = try Optbench.run(
      ["report", "results/small.h5", "results/other.h5", "--output", "results"], in: folder.path)
    #expect(report.status == 0, "\(report.errors)")
    let overview = try String(contentsOfFile: folder.path + "/results/README.md", encoding: .utf8)
    #expect(overview.contains("small/report.md"))
    #expect(overview.contains("other/report.md"))
  }
}

@Suite struct InspectCommandTests {
  @Test func aResultIsDescribedAndItsSpecGivenBack() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    #expect(try Optbench.run(["run", "small.yml"], in: folder.path).status == 0)
    let text = try Optbench.run(["inspect", "results/small.h5"], in: folder.path)
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("runs            32 of 32 planned"))
    #expect(text.output.contains("sgd × global-norm(1)"))
    let json = try Optbench.run(
      ["inspect", "results/small.h5", "--format", "json"], in: folder.path)
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["runs"] as? Int == 32)
    let spec = try Optbench.run(["inspect", "results/small.h5", "--spec"], in: folder.path)
    #expect(spec.output == smallExperiment)
  }
}

@Suite struct InspectRunTests {
  /// The steps round the one at which gradient descent explodes, as the file holds them.
  @Test func theStepsRoundAFailureAreShown() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    #expect(try Optbench.run(["run", "small.yml"], in: folder.path).status == 0)
    func inspect(_ words: String...) throws -> Optbench.Result {
      try Optbench.run(["inspect", "results/small.h5"] + words, in: folder.path)
    }
    let name = "valley/sgd none lr=0.1 seed=0"
    let text = try inspect("--run", name)
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("ended          ") && text.output.contains("at step "))
    #expect(text.output.contains("✗ ") && text.output.contains("tensor at step"))
    let json = try inspect("--run", name, "--format", "json", "--around", "0", "--window", "1")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["steps"] as? [Int] == [0, 1])
    let series = try #require(object["series"] as? [String: [Any]])
    #expect(abs(try #require(series["learning_rate"]?.first as? Double) - 0.1) < 1e-7)
    #expect(series["loss"]?.count == 2 && series["gradient_norm"]?.count == 2)

    let many = try inspect("--run", "sgd none lr=0.1 seed=0")
    #expect(many.status == 2 && many.errors.contains("is a run of 2 problems; give one of them"))
    let none = try inspect("--run", "lr=0.1 seed=0")
    #expect(none.status == 2 && none.errors.contains("near it: '"))
    let late = try inspect("--run", "valley/adam none lr=0.1 seed=0", "--around", "60")
    #expect(late.status == 2 && late.errors.contains("recorded steps 0 to 59, not 60"))
    #expect(try inspect("--around", "3").status == 64)
  }
}

@Suite struct ListCommandTests {
  @Test(arguments: [
    "optimizers", "clipping", "schedules", "problems", "datasets", "models", "functions",
    "initializations",
  ])
  func everyKindIsListedAsTextAndAsJSON(kind: String) throws {
    let folder = try TemporaryFolder()
    let text = try Optbench.run(["list", kind], in: folder.path)
    #expect(text.status == 0)
    let json = try Optbench.run(["list", kind, "--format", "json"], in: folder.path)
    let entries = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
    let names = (entries as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    #expect(!names.isEmpty)
    #expect(names.allSatisfy { text.output.contains($0) })
  }
}

@Suite struct ProgramTests {
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func anAnswerThatCannotBeWrittenIsAnError() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "exec \"$0\" list optimizers >/dev/full 2>&1", Optbench.path]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
  }

  @Test func helpHasExamplesAndVersionIsPrinted() throws {
    let folder = try TemporaryFolder()
    for arguments in [
      ["--help"], ["run", "--help"], ["report", "--help"], ["inspect", "--help"],
      ["list", "--help"],
    ] {
      let help = try Optbench.run(arguments, in: folder.path)
      #expect(help.status == 0)
      #expect(help.output.contains("EXAMPLES"))
    }
    let jobs = try Optbench.run(["run", "none.yml", "--jobs", "-1"], in: folder.path)
    #expect(jobs.status == 2 && jobs.errors.contains("-1"), "\(jobs.errors)")
    let version = try Optbench.run(["--version"], in: folder.path)
    #expect(version.status == 0)
    #expect(version.output.split(separator: ".").count == 3)
  }
}
