import Foundation
import TestSupport
import Testing

@Suite struct WatchCommandTests {
  /// Starts the long experiment and waits until some runs are kept.
  private func started(in folder: TemporaryFolder) throws -> Optbench.Running {
    try folder.write(longExperiment, to: "long.yml")
    let running = try Optbench.start(
      ["run", "long.yml", "--output", "part.h5", "--jobs", "1"], in: folder.path)
    let journal = folder.path + "/part.runs/1.journal"
    while running.process.isRunning,
      (FileManager.default.contents(atPath: journal)?.count ?? 0) < 200_000
    { usleep(2000) }
    return running
  }

  private func sight(_ folder: TemporaryFolder) throws -> [String: Any] {
    let watched = try Optbench.run(["watch", "part.h5", "--format", "json"], in: folder.path)
    #expect(watched.status == 0, "\(watched.errors)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(watched.output.utf8)) as? [String: Any])
  }

  @Test
  func `watching sees the runs of a process while it trains, after its death, and at the end`()
    throws
  {
    let folder = try TemporaryFolder()
    let running = try started(in: folder)
    kill(running.process.processIdentifier, SIGSTOP)
    let during = try sight(folder)
    #expect(during["is_being_written"] as? Bool == true)
    #expect(during["planned"] as? Int == 80)
    let finished = try #require(during["finished"] as? Int)
    #expect(finished > 0)
    kill(running.process.processIdentifier, SIGKILL)
    _ = running.wait()
    let dead = try sight(folder)
    #expect(dead["is_being_written"] as? Bool == false)
    #expect(dead["is_complete"] as? Bool == false)
    #expect(try #require(dead["finished"] as? Int) >= finished)
    #expect(
      try Optbench.run(["run", "long.yml", "--output", "part.h5"], in: folder.path).status == 0)
    let end = try sight(folder)
    #expect(end["is_complete"] as? Bool == true)
    #expect(end["finished"] as? Int == 80)
    let methods = try #require(end["methods"] as? [[String: Any]])
    #expect(methods.reduce(0) { $0 + ($1["runs"] as? Int ?? 0) } == 80)
  }

  @Test func `an alert ends watching with 1, and bad conditions are told`() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    let run = try Optbench.run(
      ["run", "small.yml", "--output", "s.h5", "--alert", "failures(sgd) >= 1"], in: folder.path)
    #expect(run.status == 0)
    #expect(run.errors.components(separatedBy: "alert: failures(sgd) >= 1: ").count == 2)
    let raised = try Optbench.run(
      ["watch", "s.h5", "--alert", "failure_rate(sgd) > 0.01"], in: folder.path)
    #expect(raised.status == 1)
    let quiet = try Optbench.run(
      ["watch", "s.h5", "--alert", "failure_rate >= 1"], in: folder.path)
    #expect(quiet.status == 0, "\(quiet.errors)")
    for bad in ["x > 1", "failures", "failures > y", "failure_rate > 1", "failures > -1"] {
      let refused = try Optbench.run(["watch", "s.h5", "--alert", bad], in: folder.path)
      #expect(refused.status == 2, "\(bad)")
      #expect(refused.errors.hasPrefix("optbench: --alert '\(bad)'"))
    }
    #expect(try Optbench.run(["watch", "missing.h5"], in: folder.path).status == 2)
  }

  @Test func `the JSON log has one object for each run, and messages are objects too`() throws {
    let folder = try TemporaryFolder()
    try folder.write(smallExperiment, to: "small.yml")
    let run = try Optbench.run(
      ["run", "small.yml", "--output", "s.h5", "--log-format", "json"], in: folder.path)
    #expect(run.output == "s.h5\n")
    let events = try run.errors.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(events.first?["event"] as? String == "start")
    #expect(events.last?["event"] as? String == "end")
    #expect(events.last?["complete"] as? Bool == true)
    let runs = events.filter { $0["event"] as? String == "run" }
    #expect(Set(runs.compactMap { "\($0["problem"] ?? "")\($0["run"] ?? "")" }).count == 32)
    #expect(runs.contains { $0["failure_step"] is Int && $0["failure_tensor"] is String })
    let refused = try Optbench.run(
      ["run", "missing.yml", "--log-format", "json"], in: folder.path)
    #expect(refused.status == 2)
    let error = try JSONSerialization.jsonObject(with: Data(refused.errors.utf8)) as? [String: Any]
    #expect(error?["event"] as? String == "error")
  }
}
