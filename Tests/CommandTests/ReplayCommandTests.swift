import Foundation
import Records
import Storage
import TestSupport
import Testing

/// `optbench replay` and `optbench verify`.
@Suite struct ReplayCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func replay(_ file: String, _ run: String, _ more: String...) throws -> Optbench.Result {
    try Optbench.run(["replay", file, "--run", run] + more, in: folder.path)
  }

  private func make(_ experiment: String, _ file: String) throws -> ExperimentRecord {
    try folder.write(experiment, to: "e.yml")
    let made = try Optbench.run(["run", "e.yml", "--output", file], in: folder.path)
    try #require(made.status == 0, "\(made.errors)")
    return try RunArchive.read(folder.path + "/" + file)
  }

  /// Publishes the runs under another name after `change`.
  private func publish(
    _ record: ExperimentRecord, as file: String, changing change: (inout [RunRecord]) -> Void
  ) throws {
    var runs = record.runs
    change(&runs)
    let archive = try RunArchive(path: folder.path + "/" + file, header: record.header)
    for run in runs { try archive.keep(run) }
    try archive.publish(order: runs.map(\.key))
  }

  @Test func everyRunIsMadeAgainAndAChangedOneIsSaidWhere() throws {
    let record = try make(smallExperiment, "e.h5")
    let exploded = try #require(record.runs.first { $0.outcome != .completed })
    let name = "\(exploded.key.problem)/\(exploded.key.run)"
    let same = try replay("e.h5", name)
    #expect(same.status == 0, "\(same.errors)")
    #expect(
      same.output
        == "\(exploded.key.run) on \(exploded.key.problem): the bits agree, steps 0 to "
        + "\(exploded.trajectory.steps - 1), \(exploded.outcome.rawValue)\n")
    #expect(same.errors.isEmpty)

    let digits = try #require(record.runs.first { $0.outcome == .completed })
    let key = "\(digits.key.problem)/\(digits.key.run)"
    try publish(record, as: "changed.h5") { runs in
      let place = runs.firstIndex { $0.key == digits.key } ?? 0
      runs[place].trajectory[.gradientNorm][5] = runs[place].trajectory[.gradientNorm][5].nextUp
      runs[place].provenance?.cpu = "another"
    }
    let parted = try replay("changed.h5", key)
    #expect(parted.status == 1)
    #expect(parted.output.contains("parts at step 5, in gradient_norm: "), "\(parted.output)")
    #expect(parted.output.contains("(1 units in the last place)"))
    #expect(parted.errors.contains("(then, now): cpu (another, "))
    #expect(try replay("changed.h5", key, "--from", "5").status == 1)
    let after = try replay("changed.h5", key, "--from", "6")
    #expect(after.status == 0 && after.output.contains("steps 6 to 59"), "\(after.output)")
  }

  @Test func whatCannotBeTrainedAgainIsSaid() throws {
    let record = try make(smallExperiment, "e.h5")
    let key = "valley/\(record.runs(of: "valley")[0].key.run)"
    #expect(try replay("e.h5", "none such").status == 2)
    #expect(try replay("e.h5", key, "--from", "60").status == 2)
    try folder.write(smallExperiment.replacing("steps: 60", with: "steps: 61"), to: "other.yml")
    let other = try replay("e.h5", key, "--experiment", "other.yml")
    #expect(other.status == 2 && other.errors.contains("determined by something else"))
    try folder.write(smallExperiment.replacing("[0.001, 0.1]", with: "0.5"), to: "other.yml")
    let missing = try replay("e.h5", key, "--experiment", "other.yml")
    #expect(missing.status == 2 && missing.errors.contains("plans no run"), "\(missing.errors)")
  }

  /// A run that a search asked for, planned from the results of others.
  @Test func aRunOfALaterRoundIsMadeAgain() throws {
    let record = try make(
      """
      optbench: 1
      name: e
      protocol: robust
      problems: [{name: valley, function: {name: rosenbrock, dimension: 2}}]
      optimizers: [sgd]
      seeds: 2
      tuning: {seeds: 1}
      budget: {steps: 20}
      """, "e.h5")
    let rounds = record.header.plan.map(\.round)
    let last = try #require(record.header.plan.first { $0.round == rounds.max() && $0.round > 0 })
    let result = try replay("e.h5", last.key.run)
    #expect(result.status == 0, "\(result.errors)\(result.output)")
  }

  @Test func wholeIncompleteAndDamagedResultsAreToldApart() throws {
    let record = try make(smallExperiment, "e.h5")
    let whole = try Optbench.run(["verify", "e.h5"], in: folder.path)
    #expect(whole.status == 0)
    #expect(
      whole.output.hasPrefix("e.h5: whole and complete: 32 runs, content digest "),
      "\(whole.output)")
    try publish(record, as: "part.h5") { $0.removeLast(3) }
    let part = try Optbench.run(["verify", "e.h5", "part.h5"], in: folder.path)
    #expect(part.status == 1)
    #expect(part.output.contains("part.h5: whole, but 3 of 32 planned runs are missing, such as '"))
    try publish(record, as: "wrong.h5") { $0[0].failureStep = 1000 }
    let wrong = try Optbench.run(["verify", "wrong.h5"], in: folder.path)
    #expect(wrong.status == 2 && wrong.output.contains("failed behind its end"))
    var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/e.h5"))
    bytes[bytes.count / 2] ^= 16
    try bytes.write(to: URL(fileURLWithPath: folder.path + "/damaged.h5"))
    let damaged = try Optbench.run(["verify", "damaged.h5", "e.h5", "none.h5"], in: folder.path)
    #expect(damaged.status == 2)
    #expect(damaged.output.split(separator: "\n").count == 3)
    #expect(damaged.output.contains("damaged.h5: it does not match the SHA-256 at its end"))
  }
}
