import Foundation
import Storage
import TestSupport
import Testing

/// An experiment file that changes between two calls, as people change it.
@Suite struct GrowthCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let small = """
    optbench: 1
    name: e
    problems: [rosenbrock-2d]
    optimizers: [sgd, {name: sgd, momentum: 0.9, label: heavy}]
    learning_rate: [0.001, 0.01]
    clipping: [none]
    seeds: 2
    budget: {steps: 20}
    """

  private func run(_ text: String, _ output: String, _ further: String...) throws
    -> Optbench.Result
  {
    try folder.write(text, to: "e.yml")
    return try Optbench.run(
      ["run", "e.yml", "--output", output] + further, in: folder.path)
  }

  private func digest(_ file: String) throws -> String {
    try RunArchive.read("\(folder.path)/\(file)").contentDigest
  }

  /// Additions along every axis, and how many runs of the small file are reused.
  @Test(arguments: [
    ("seeds: 2", "seeds: [0, 1, 5]", 8),
    ("[0.001, 0.01]", "{from: 1.0e-4, to: 1.0e-2, points: 3}", 8),
    ("[sgd, ", "[adam, sgd, ", 8),
    ("clipping: [none]", "clipping: [{name: value, max_value: 1}, none]", 8),
    (
      "[rosenbrock-2d]", "[{name: v, function: {name: rosenbrock, dimension: 3}}, rosenbrock-2d]", 8
    ),
    ("seeds: 2", "seeds: 2\ngrid: {weight_decay: [0.1, 0]}", 8),
    ("seeds: 2", "seeds: 2\nschedule: [cosine, constant]", 8),
    ("label: heavy", "label: momentum", 8),
  ])
  func aGrownExperimentIsThatOfTheGrownFile(old: String, new: String, reused: Int) throws {
    #expect(try run(Self.small, "grown.h5").status == 0)
    let large = Self.small.replacing(old, with: new)
    #expect(large != Self.small)
    let grown = try run(large, "grown.h5")
    #expect(grown.status == 0, "\(grown.errors)")
    #expect(grown.errors.contains("e: \(reused)/"), "\(grown.errors)")
    #expect(!grown.errors.contains("not in the experiment file"), "\(grown.errors)")
    #expect(try run(large, "fresh.h5").status == 0)
    #expect(try digest("grown.h5") == digest("fresh.h5"))
    // What is there already is not trained again, and the file stays as it is.
    let bytes = FileManager.default.contents(atPath: folder.path + "/grown.h5")
    #expect(try run(large, "grown.h5").status == 0)
    #expect(FileManager.default.contents(atPath: folder.path + "/grown.h5") == bytes)
  }

  @Test func aSmallerFileKeepsTheRunsAndSaysSo() throws {
    #expect(try run(Self.small, "e.h5").status == 0)
    let less = try run(Self.small.replacing("seeds: 2", with: "seeds: 1"), "e.h5")
    #expect(less.status == 0)
    #expect(less.errors.contains("4 stored runs are not in the experiment file any more"))
    #expect(try RunArchive.read(folder.path + "/e.h5").runs.count == 8)
    let report = try Optbench.run(["report", "e.h5"], in: folder.path)
    #expect(report.status == 0, "\(report.errors)")
    // Named again they are runs like all others.
    #expect(try run(Self.small, "e.h5").status == 0)
    #expect(try run(Self.small, "fresh.h5").status == 0)
    #expect(try digest("e.h5") == digest("fresh.h5"))
  }

  @Test func anInterruptedExperimentMayGrowToo() throws {
    try folder.write(longExperiment, to: "long.yml")
    let running = try Optbench.start(["run", "long.yml", "--output", "l.h5"], in: folder.path)
    while running.process.isRunning,
      ((try? RunArchive.readJournal(folder.path + "/l.runs/1.journal"))?.runs.count ?? 0) < 5
    {
      usleep(2000)
    }
    kill(running.process.processIdentifier, SIGKILL)
    _ = running.wait()
    try folder.write(
      longExperiment.replacing("seeds: 10", with: "seeds: 11")
        .replacing("[0.001, 0.01]", with: "[0.0001, 0.001]"), to: "long.yml")
    let grown = try Optbench.run(["run", "long.yml", "--output", "l.h5"], in: folder.path)
    #expect(grown.status == 0, "\(grown.errors)")
    #expect(!grown.errors.contains("0/88 runs (0%)"), "\(grown.errors)")
  }

  @Test(arguments: [
    ("steps: 20", "steps: 21", "  budget.steps: 20 → 21"),
    ("momentum: 0.9", "momentum: 0.8", "  optimizers[1].momentum: 0.9 → 0.8"),
    ("name: e", "name: f", "  name: e → f"),
    ("seeds: 2", "seeds: 2\nevaluate: {every: 3}", "  evaluate: {\"every\":3} is new"),
  ])
  func aChangedExperimentIsRefusedWithWhatDiffers(old: String, new: String, line: String) throws {
    #expect(try run(Self.small, "e.h5").status == 0)
    for further in [[], ["--dry-run"]] {
      try folder.write(Self.small.replacing(old, with: new), to: "e.yml")
      let other = try Optbench.run(
        ["run", "e.yml", "--output", "e.h5"] + further, in: folder.path)
      #expect(other.status == 2)
      #expect(other.errors.contains("optbench: \(line)\n"), "\(other.errors)")
      #expect(other.errors.contains("--output"))
    }
  }

  @Test func resultsMadeApartAreMergedToTheWhole() throws {
    #expect(try run(Self.small, "a.h5", "--seeds", "0-0").status == 0)
    #expect(try run(Self.small, "b.h5", "--seeds", "1-1").status == 0)
    #expect(try run(Self.small, "whole.h5").status == 0)
    let merged = try Optbench.run(
      ["merge", "a.h5", "b.h5", "--output", "ab.h5"], in: folder.path)
    #expect(merged.status == 0 && merged.output == "ab.h5\n", "\(merged.errors)")
    let digests = try Optbench.run(["digest", "ab.h5", "whole.h5"], in: folder.path)
    let lines = digests.output.split(separator: "\n").map { $0.split(separator: " ") }
    try #require(lines.map { $0[1] } == ["ab.h5", "whole.h5"])
    #expect(lines[0][0] == lines[1][0])
    // Reported together they give the tables of the whole; times are the runs' own.
    #expect(
      try Optbench.run(
        ["report", "a.h5", "b.h5", "--output", "parts"], in: folder.path
      ).status == 0)
    #expect(
      try Optbench.run(["report", "whole.h5", "--output", "whole"], in: folder.path).status == 0)
    let ranking = try ["parts", "whole"].map {
      try String(contentsOfFile: "\(folder.path)/\($0)/ranking.csv", encoding: .utf8)
    }
    #expect(ranking[0] == ranking[1])
    // Nothing is written over, and other trainings are no part of it.
    #expect(
      try Optbench.run(["merge", "a.h5", "--output", "ab.h5"], in: folder.path).status == 2)
    #expect(
      try run(Self.small.replacing("steps: 20", with: "steps: 21"), "c.h5").status == 0)
    let refused = try Optbench.run(
      ["merge", "a.h5", "c.h5", "--output", "ac.h5"], in: folder.path)
    #expect(refused.status == 2 && refused.errors.contains("'budget' is"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/ac.h5"))
  }

  @Test func mergedGridsMakeAnExperimentThatNamesAllRuns() throws {
    #expect(try run(Self.small, "a.h5").status == 0)
    let other = Self.small.replacing("[0.001, 0.01]", with: "[0.1]")
      .replacing("[sgd, ", with: "[adam, ").replacing("[none]", with: "[global-norm]")
    #expect(try run(other, "b.h5").status == 0)
    #expect(
      try Optbench.run(["merge", "a.h5", "b.h5", "--output", "c.h5"], in: folder.path).status == 0)
    let record = try RunArchive.read(folder.path + "/c.h5")
    #expect(record.runs.count == 12)
    #expect(record.header.plannedRuns == 12)
    let again = try run(record.header.spec, "c.h5")
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.errors.contains("e: 12/"), "\(again.errors)")
    #expect(!again.errors.contains("not in the experiment file"), "\(again.errors)")
  }

  @Test(arguments: [
    (["--output", String(repeating: "n", count: 240) + ".h5"], "too long"),
    (["--output", "e.yml/x.h5"], "a file stands where a folder is needed"),
    (["--output", ""], "it is not a file's name"),
    (["--output", "e.yml"], "not an HDF5 file"),
    (["--max-runs", "7"], "the file plans 8 runs"),
  ])
  func theDryRunRefusesWhatTheRunRefuses(arguments: [String], expected: String) throws {
    try folder.write(Self.small, to: "e.yml")
    let dry = try Optbench.run(["run", "e.yml", "--dry-run"] + arguments, in: folder.path)
    #expect(dry.status == 2)
    #expect(dry.errors.contains(expected), "\(dry.errors)")
    #expect(try Optbench.run(["run", "e.yml"] + arguments, in: folder.path).status == 2)
  }
}
