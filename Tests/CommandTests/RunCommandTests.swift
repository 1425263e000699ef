import Foundation
import Storage
import TestSupport
import Testing

@Suite struct RunCommandTests {
  @Test func theContentDigestIsTheSameForOneTwoAndFiveJobs() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    var digests: Set<String> = []
    for jobs in [1, 2, 5] {
      let file = "\(folder.path)/\(jobs).h5"
      let run = try Optbench.run(
        ["run", "small.yml", "--jobs", "\(jobs)", "--output", file], in: folder.path)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output == file + "\n")
      digests.insert(try RunArchive.readSummary(file).contentDigest)
    }
    #expect(digests.count == 1)
  }

  @Test(arguments: [[], ["--dry-run"]])
  func aWarningIsGivenOnce(options: [String]) throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      {optbench: 1, name: w, problems: [rosenbrock-2d], optimizers: [sgd], learning_rate: 1.0e-4, seeds: 1,
       budget: {steps: 3}, schedule: {name: constant, warmup_steps: 9}}
      """, to: "w.yml")
    let run = try Optbench.run(["run", "w.yml"] + options, in: folder.path)
    #expect(run.status == 0)
    #expect(run.errors.components(separatedBy: "9 steps of warm-up").count == 2, "\(run.errors)")
  }

  @Test func aFinishedExperimentRunAgainDoesNothing() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    let file = folder.path + "/results/small.h5"
    #expect(try Optbench.run(["run", "small.yml"], in: folder.path).status == 0)
    let before = try FileManager.default.attributesOfItem(atPath: file)
    let bytes = FileManager.default.contents(atPath: file)
    let again = try Optbench.run(["run", "small.yml"], in: folder.path)
    #expect(again.status == 0, "\(again.errors)")
    let after = try FileManager.default.attributesOfItem(atPath: file)
    #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
    #expect(bytes == FileManager.default.contents(atPath: file))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/results/small.runs"))
  }

  @Test(arguments: [SIGKILL, SIGINT])
  func anInterruptedExperimentGoesOnWhereItStopped(signal: Int32) throws {
    let folder = try TemporaryFolder()
    try folder.write(longExperiment, to: "long.yml")
    let whole = folder.path + "/whole.h5"
    #expect(try Optbench.run(["run", "long.yml", "--output", whole], in: folder.path).status == 0)

    let file = folder.path + "/part.h5"
    let runs = folder.path + "/part.runs"
    let running = try Optbench.start(["run", "long.yml", "--output", file], in: folder.path)
    // Stop it as soon as a few runs are finished, whatever the machine's speed.
    while running.process.isRunning, finishedRuns(in: runs) < 5 { usleep(2000) }
    kill(running.process.processIdentifier, signal)
    let stopped = running.wait()
    let kept = finishedRuns(in: runs)
    if signal == SIGINT {
      #expect(stopped.status == 130)
      #expect(stopped.errors.contains("interrupted"))
    }
    #expect(kept >= 5)
    #expect(!FileManager.default.fileExists(atPath: file))

    let resumed = try Optbench.run(["run", "long.yml", "--output", file], in: folder.path)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("\(kept)/80 runs"), "\(resumed.errors)")
    #expect(
      try RunArchive.readSummary(file).contentDigest == RunArchive.readSummary(whole).contentDigest)
  }

  /// One run, longer than a test takes: its first part is not made again.
  @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGKILL])
  func aRunGoesOnWithinItself(signal: Int32) throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      optbench: 1
      name: one
      problems: [{name: valley, function: {name: rosenbrock, dimension: 2}}]
      optimizers: [adam]
      learning_rate: 0.001
      seeds: 1
      budget: {steps: 150000}
      """, to: "one.yml")
    let whole = folder.path + "/whole.h5"
    #expect(try Optbench.run(["run", "one.yml", "--output", whole], in: folder.path).status == 0)
    let running = try Optbench.start(
      ["run", "one.yml", "--output", "part.h5", "--checkpoint-every", "0.0005"], in: folder.path)
    let runs = folder.path + "/part.runs"
    while running.process.isRunning, checkpoints(in: runs).count < 2 { usleep(1000) }
    kill(running.process.processIdentifier, signal)
    let stopped = running.wait()
    guard stopped.status != 0 else { return }
    #expect(stopped.status == (signal == SIGKILL ? SIGKILL : 130))
    #expect(checkpoints(in: runs).count == 2)
    let resumed = try Optbench.run(
      ["run", "one.yml", "--output", "part.h5"], in: folder.path)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(!FileManager.default.fileExists(atPath: runs))
    #expect(
      try RunArchive.readSummary(folder.path + "/part.h5").contentDigest
        == RunArchive.readSummary(whole).contentDigest)
  }

  private func checkpoints(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
      $0.hasSuffix("-a.journal") || $0.hasSuffix("-b.journal")
    }
  }

  @Test func aSecondInterruptionLeavesAtOnceAndCrashesNothing() throws {
    let folder = try TemporaryFolder()
    // Wide layers, so that the runs are within oneDNN's kernels nearly all the time.
    try folder.write(
      longExperiment.replacing("hidden: [32]", with: "hidden: [1024, 1024]")
        .replacing("batch_size: 32", with: "batch_size: 256")
        .replacing("steps: 200", with: "steps: 2000"), to: "wide.yml")
    for attempt in 0..<3 {
      let result = folder.path + "/\(attempt)"
      let running = try Optbench.start(
        ["run", "wide.yml", "--output", "\(result).h5"], in: folder.path)
      while running.process.isRunning, !FileManager.default.fileExists(atPath: "\(result).runs") {
        usleep(1000)
      }
      usleep(400_000)
      kill(running.process.processIdentifier, SIGINT)
      usleep(2000)
      kill(running.process.processIdentifier, SIGINT)
      let stopped = running.wait()
      #expect(stopped.status == 130, "\(stopped.errors)")
      #expect(!FileManager.default.fileExists(atPath: "\(result).h5"))
    }
  }

  private func finishedRuns(in folder: String) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(0) { sum, name in
      sum + ((try? RunArchive.readJournal("\(folder)/\(name)"))?.runs.count ?? 0)
    }
  }

  @Test func aSecondProcessOnTheSameResultIsTurnedAway() throws {
    let folder = try TemporaryFolder()
    try folder.write(longExperiment, to: "long.yml")
    let first = try Optbench.start(["run", "long.yml"], in: folder.path)
    let runs = folder.path + "/results/long.runs"
    while first.process.isRunning, finishedRuns(in: runs) < 1 { usleep(2000) }
    let second = try Optbench.run(["run", "long.yml"], in: folder.path)
    #expect(second.status == 2)
    #expect(second.errors.contains("long"), "\(second.errors)")
    let dry = try Optbench.run(["run", "long.yml", "--dry-run"], in: folder.path)
    #expect(dry.status == 2 && dry.errors.contains("is writing it"), "\(dry.errors)")
    #expect(first.wait().status == 0)
  }

  @Test func theResultOfAnotherSpecIsNotOverwritten() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    #expect(try Optbench.run(["run", "small.yml"], in: folder.path).status == 0)
    let file = folder.path + "/results/small.h5"
    let before = FileManager.default.contents(atPath: file)
    try folder.write(smallExperiment.replacing("steps: 60", with: "steps: 61"), to: "small.yml")
    let other = try Optbench.run(["run", "small.yml"], in: folder.path)
    #expect(other.status == 2)
    #expect(other.errors.contains("--output"), "\(other.errors)")
    #expect(FileManager.default.contents(atPath: file) == before)
  }

  @Test func aDryRunPrintsAndLeavesNothing() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    let run = try Optbench.run(["run", "small.yml", "--dry-run"], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("runs         32"))
    #expect(run.output.contains("steps        1920"))
    #expect(run.output.contains("estimated"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["small.yml"])
  }

  @Test func runNamesTheReportAndTheReportItsFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    let run = try Optbench.run(["run", "small.yml"], in: folder.path)
    #expect(run.output == "results/small.h5\n")
    #expect(run.errors.hasSuffix("next: optbench report results/small.h5\n"), "\(run.errors)")
    let report = try Optbench.run(["report", "results/small.h5"], in: folder.path)
    #expect(report.output == "results/small/report.md\n")
    #expect(FileManager.default.fileExists(atPath: folder.path + "/results/small/runs.csv"))
  }

  @Test func seedsOnTheCommandLineReplaceTheFiles() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    let run = try Optbench.run(
      ["run", "small.yml", "--seeds", "5-7", "--output", "s.h5"], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    let record = try RunArchive.read(folder.path + "/s.h5")
    #expect(Set(record.runs.map(\.seed)) == [5, 6, 7])
    // The stored spec makes the same experiment again.
    try folder.write(record.header.spec, to: "again.yml")
    let again = try Optbench.run(["run", "again.yml", "--output", "s.h5"], in: folder.path)
    #expect(again.status == 0, "\(again.errors)")
  }
}

@Suite struct BadInputTests {
  /// Arguments, and what the one line on stderr must say.
  @Test(arguments: [
    (["run", "missing.yml"], "missing.yml: there is no such file"),
    (["run", "small.yml", "--jobs", "0"], "--jobs 0: give at least 1"),
    (["run", "small.yml", "--seeds", "x"], "--seeds x: 'x' is not a seed"),
    (["run", "small.yml", "--seeds", "3,3"], "a seed appears twice"),
    (["run", "small.yml", "--seeds", "0"], "a count is from 1"),
    (["run", "."], "this is a folder"),
    (
      ["run", "misspelt.yml"],
      "misspelt.yml:17:1: sedes: unknown key 'sedes'; did you mean 'seeds'?"
    ),
    (["run", "small.yml", "--isa", "avx9"], "avx9"),
    (["run", "small.yml", "--output", "small.yml/x.h5"], "small.yml"),
    (["run", "small.yml", "--output", ""], "it is not a file's name"),
    (["run", "endless.yml", "--jobs", "32"], "needs at least"),
    (["run", "endless.yml", "--jobs", "32", "--dry-run"], "budget.steps"),
    (["run", "nodata.yml"], "dataset-fashion-mnist"),
    (["run", "validation.yml"], "validation"),
    (["report", "missing.h5", "--output", "r"], "missing.h5"),
    (["report", "small.yml", "--output", "r"], "small.yml"),
    (["inspect", "missing.h5"], "missing.h5"),
    (["inspect", "small.yml"], "small.yml"),
  ])
  func isExplainedInOneLineWithExitCode2(arguments: [String], expected: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    try folder.write(
      smallExperiment.replacing("seeds: 2", with: "sedes: 2"), to: "misspelt.yml")
    try folder.write(
      smallExperiment.replacing("steps: 60", with: "steps: 2147483647"), to: "endless.yml")
    try folder.write(
      smallExperiment.replacing(
        "dataset: digits", with: "dataset: {name: fashion-mnist, path: /nowhere}"),
      to: "nodata.yml")
    try folder.write(
      smallExperiment.replacing(
        "dataset: digits", with: "dataset: {name: digits, validation: 5000}"),
      to: "validation.yml")
    let result = try Optbench.run(arguments, in: folder.path)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("optbench: "), "\(result.errors)")
    #expect(result.errors.contains(expected), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/r"))
  }

  @Test func wrongUsageHasExitCode64() throws {
    let folder = try TemporaryFolder()
    #expect(try Optbench.run(["run"], in: folder.path).status == 64)
    #expect(try Optbench.run(["rnu", "x.yml"], in: folder.path).status == 64)
    #expect(try Optbench.run(["list", "optimizer"], in: folder.path).status == 64)
    #expect(try Optbench.run(["run", "x.yml", "--jobs", "two"], in: folder.path).status == 64)
  }

  @Test func aTruncatedResultIsNamedAndNotOverwritten() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    #expect(try Optbench.run(["run", "small.yml"], in: folder.path).status == 0)
    let file = folder.path + "/results/small.h5"
    let whole = try #require(FileManager.default.contents(atPath: file))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: file))
    for arguments in [
      ["run", "small.yml"], ["inspect", file], ["report", file, "--output", "r"],
    ] {
      let result = try Optbench.run(arguments, in: folder.path)
      #expect(result.status == 2)
      #expect(result.errors.contains("small.h5"), "\(result.errors)")
    }
    #expect(FileManager.default.contents(atPath: file)?.count == whole.count / 2)
  }

  @Test func aFullDiskEndsTheExperimentAndKeepsWhatIsFinished() throws {
    // A limit on file sizes fails writes like a full disk, without a disk to fill: some runs fit.
    let folder = try TemporaryFolder()
    try folder.write(longExperiment, to: "long.yml")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = [
      "-c", "ulimit -f 100; trap '' XFSZ; exec '\(Optbench.path)' run long.yml --jobs 2 --quiet",
    ]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    #expect(message.contains("long"), "\(message)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/results/long.h5"))
    // With space again, the same command finishes.
    let again = try Optbench.run(["run", "long.yml"], in: folder.path)
    #expect(again.status == 0, "\(again.errors)")
  }
}
