import Foundation
import Storage
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Shards, gathered, are the result of one machine.
@Suite struct ShardCommandTests {
  private static let grid = """
    optbench: 1
    name: e
    problems:
    - {name: valley, function: {name: rosenbrock, dimension: 2}}
    - {name: bowl, function: {name: beale}}
    optimizers: [sgd, lion, adam]
    clipping: [none, global-norm]
    learning_rate: [0.01, 0.1]
    seeds: 2
    budget: {steps: 20}
    """

  private static let rounds = """
    optbench: 1
    name: e
    protocol: robust
    problems: [{name: valley, function: {name: rosenbrock, dimension: 2}}]
    optimizers: [sgd, adam]
    seeds: 2
    tuning: {seeds: 1}
    budget: {steps: 20}
    """

  private func digest(_ name: String, in folder: TemporaryFolder) throws -> String {
    try RunArchive.readSummary(folder.path + "/" + name).contentDigest
  }

  @Test(arguments: [(grid, 1), (grid, 3), (grid, 7), (rounds, 3)])
  func anyNumberOfShardsGivesTheSameResult(experiment: String, count: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(experiment, to: "e.yml")
    let whole = try Optbench.run(["run", "e.yml", "--output", "whole.h5"], in: folder.path)
    try #require(whole.status == 0, "\(whole.errors)")
    var merged: Optbench.Result?
    for _ in 0..<9 where merged?.status != 0 {
      #expect(merged?.status ?? 75 == 75, "\(merged?.errors ?? "")")
      for index in (0..<count).reversed() {
        let shard = try Optbench.run(
          ["run", "e.yml", "--output", "e.h5", "--shard", "\(index)/\(count)"], in: folder.path)
        #expect(shard.status == 0, "\(shard.errors)")
        #expect(shard.output == "e.shards/\(index)-of-\(count).h5\n")
      }
      merged = try Optbench.run(
        ["merge", "--experiment", "e.yml", "--output", "e.h5"], in: folder.path)
    }
    #expect(merged?.status == 0, "\(merged?.errors ?? "")")
    #expect(try digest("e.h5", in: folder) == digest("whole.h5", in: folder))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["e.h5", "e.yml", "whole.h5"])
    // A task that is started once more has nothing to do, and does no harm.
    let late = try Optbench.run(
      ["run", "e.yml", "--output", "e.h5", "--shard", "0/\(count)"], in: folder.path)
    #expect(late.status == 0, "\(late.errors)")
    let again = try Optbench.run(
      ["merge", "--experiment", "e.yml", "--output", "e.h5"], in: folder.path)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try digest("e.h5", in: folder) == digest("whole.h5", in: folder))
  }

  @Test func whatAKilledShardHadFinishedIsGatheredAndARunningOneIsLeft() throws {
    let folder = try TemporaryFolder()
    try folder.write(longExperiment.replacing("steps: 200", with: "steps: 4000"), to: "e.yml")
    let arguments = ["run", "e.yml", "--output", "e.h5", "--shard", "1/2"]
    let running = try Optbench.start(arguments, in: folder.path)
    let journal = folder.path + "/e.shards/1-of-2.runs/1.journal"
    func finished() -> Int { (try? RunArchive.readJournal(journal))?.runs.count ?? 0 }
    while running.process.isRunning, finished() < 3 { usleep(2000) }

    let twice = try Optbench.run(arguments, in: folder.path)
    #expect(twice.status == 75 && twice.errors.contains("is writing it"), "\(twice.errors)")
    let early = try Optbench.run(
      ["merge", "--experiment", "e.yml", "--output", "e.h5"], in: folder.path)
    #expect(early.status == 75, "\(early.errors)")
    #expect(early.errors.contains("its runs are not taken in yet"), "\(early.errors)")
    kill(running.process.processIdentifier, SIGKILL)
    _ = running.wait()
    let kept = finished()
    let merged = try Optbench.run(
      ["merge", "--experiment", "e.yml", "--output", "e.h5"], in: folder.path)
    #expect(merged.status == 75)
    #expect(try RunArchive.readSummary(folder.path + "/e.h5").storedRuns == kept)
    #expect(
      merged.errors.contains("\(80 - kept) runs of round 0 are missing"), "\(merged.errors)")
  }

  @Test(arguments: ["8/8", "-1/3", "1", "a/b", "1/0", "0/1000000"])
  func whatIsNoShardIsRefused(text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.grid, to: "e.yml")
    let result = try Optbench.run(["run", "e.yml", "--shard=\(text)"], in: folder.path)
    #expect(result.status == 2 && result.errors.contains("such as 0/8 to 7/8"), "\(result.errors)")
  }

  @Test func aTimeLimitStopsLikeASignalAndTheSameCommandGoesOn() throws {
    let folder = try TemporaryFolder()
    try folder.write(longExperiment, to: "e.yml")
    #expect(
      try Optbench.run(["run", "e.yml", "--output", "whole.h5"], in: folder.path).status == 0)
    var result = try Optbench.run(["run", "e.yml", "--time-limit", "0.4s"], in: folder.path)
    for _ in 0..<60 where result.status == 75 {
      result = try Optbench.run(["run", "e.yml", "--time-limit", "0:01"], in: folder.path)
    }
    #expect(result.status == 0, "\(result.errors)")
    #expect(try digest("results/long.h5", in: folder) == digest("whole.h5", in: folder))
    for wrong in ["0", "-1s", "soon", "1:2:3:4"] {
      let refused = try Optbench.run(["run", "e.yml", "--time-limit=\(wrong)"], in: folder.path)
      #expect(refused.status == 64)
    }
  }
}
