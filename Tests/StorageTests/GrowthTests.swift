import Foundation
import Records
import Storage
import TestSupport
import Testing

/// What an archive takes over of a file that was written by another plan.
@Suite struct GrowthTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/e.h5" }

  init() throws { folder = try TemporaryFolder() }

  /// A sample experiment with a plan of its runs.
  private func sample() -> SampleExperiment {
    var sample = SampleExperiment()
    for index in sample.runs.indices {
      sample.runs[index].identity = "identity \(sample.runs[index].key)"
    }
    sample.header.plan = sample.runs.map { run in
      var entry = PlanEntry(unnamed: run)
      entry.isNamed = true
      entry.hyperparameters = run.hyperparameters.map {
        RunSetting.Value(name: $0.name, text: "\($0.value)")
      }
      return entry
    }
    sample.header.plannedRuns = sample.runs.count
    return sample
  }

  private func write(_ sample: SampleExperiment) throws {
    let archive = try RunArchive(path: path, header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    try archive.publish(order: sample.runs.map(\.key))
  }

  @Test func thePlanIsReadAsItWasWritten() throws {
    let sample = sample()
    try write(sample)
    let read = try RunArchive.read(path)
    #expect(read.header.plan == sample.header.plan)
    #expect(read.runs.map(\.identity) == sample.runs.map(\.identity))
    #expect(read.header.problems.map(\.name) == sample.header.problems.map(\.name))
  }

  @Test func runsThatThePlanNamesNoLongerAreKeptAndSaid() throws {
    let sample = sample()
    try write(sample)
    var less = sample
    less.header.specDigest = "less"
    less.header.plan.removeFirst(2)
    less.header.plannedRuns -= 2
    let archive = try RunArchive(path: path, header: less.header)
    #expect(archive.warnings.count == 1)
    #expect(
      archive.warnings.first?.hasPrefix("2 stored runs are not in the experiment file") == true)
    #expect(try archive.finishedRuns().isSuperset(of: less.header.plan.map(\.key)))
    try archive.publish(order: less.header.plan.map(\.key))
    let read = try RunArchive.read(path)
    #expect(Set(read.runs.map(\.key)) == Set(sample.runs.map(\.key)))
    #expect(read.header.plannedRuns == sample.runs.count)
    #expect(read.header.plan.filter { !$0.isNamed }.map(\.key) == sample.runs.prefix(2).map(\.key))
  }

  @Test func aRunIsKnownByWhatDeterminesItWhateverItIsCalled() throws {
    let sample = sample()
    try write(sample)
    var renamed = sample
    renamed.header.specDigest = "renamed"
    renamed.header.plan[0].key = RunKey(problem: sample.runs[0].key.problem, run: "another name")
    renamed.header.plan[0].optimizer = "another"
    renamed.header.plan[0].trial = 7
    let archive = try RunArchive(path: path, header: renamed.header)
    #expect(archive.warnings.isEmpty)
    #expect(try archive.finishedRuns() == Set(renamed.header.plan.map(\.key)))
    try archive.publish(order: renamed.header.plan.map(\.key))
    let run = try #require(
      try RunArchive.read(path).runs.first { $0.key == renamed.header.plan[0].key })
    #expect(run.optimizer == "another")
    #expect(run.trial == 7)
    #expect(run.trajectory == sample.runs[0].trajectory)
  }

  /// Changes after which a stored run would stand for something that it is not.
  @Test(arguments: ["identity", "name", "steps", "no plan"])
  func whatMeansSomethingElseIsRefused(change: String) throws {
    let sample = sample()
    try write(sample)
    let before = FileManager.default.contents(atPath: path)
    var other = sample
    other.header.specDigest = "other"
    switch change {
    case "identity": other.header.plan[0].identity = "another"
    case "name": other.header.name = "another"
    case "steps": other.header.problems[0].steps += 1
    default: other.header.plan = []
    }
    let error = #expect(throws: StorageError.self) {
      try RunArchive(path: path, header: other.header)
    }
    #expect(error?.kind == .otherSpec)
    #expect(throws: StorageError.self) { try RunArchive.preview(path: path, header: other.header) }
    #expect(FileManager.default.contents(atPath: path) == before)
  }

  /// Of an experiment that goes on elsewhere, before and after it was published.
  @Test func eachRunSaysWhereItWasMade() throws {
    let sample = sample()
    let machines = ["first", "second", "third"].map { name in
      var made = sample.header.provenance
      made.cpu = name
      made.cores = name.count
      return made
    }
    for (number, made) in machines.enumerated() {
      var header = sample.header
      header.provenance = made
      let archive = try RunArchive(path: path, header: header)
      for (index, run) in sample.runs.enumerated() where index % 3 == number {
        try archive.keep(run)
      }
      // The second leaves its runs in the journal.
      if number != 1 { try archive.publish(order: sample.order) }
      if number == 0 { #expect(try RunArchive.read(path).header.origins.isEmpty) }
    }
    let read = try RunArchive.read(path)
    #expect(
      read.runs.map { $0.provenance?.cpu } == sample.runs.indices.map { machines[$0 % 3].cpu })
    #expect(Set(read.header.origins.map(\.cores)) == Set(machines.map(\.cores)))
    #expect(read.header.problems.map(\.name) == sample.header.problems.map(\.name))
    #expect(read.contentDigest == sample.record.contentDigest)
  }

  @Test func whoeverPublishesNeedNotHaveMadeARun() throws {
    let sample = sample()
    let first = try RunArchive(path: path, header: sample.header)
    for run in sample.runs { try first.keep(run) }
    _ = consume first
    var header = sample.header
    header.provenance.cpu = "another"
    let second = try RunArchive(path: path, header: header)
    try second.publish(order: sample.order)
    let read = try RunArchive.read(path)
    #expect(read.header.provenance == sample.header.provenance && read.header.origins.isEmpty)
  }

  @Test func mergedResultsAreTheWhole() throws {
    let sample = sample()
    let whole = sample.record
    let even = ExperimentRecord(
      header: sample.header,
      runs: whole.runs.enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
    let odd = ExperimentRecord(
      header: sample.header,
      runs: whole.runs.enumerated().filter { $0.offset % 2 == 1 }.map(\.element))
    let merged = try ExperimentRecord(
      merging: [("a.h5", even), ("b.h5", odd), ("c.h5", whole)], spec: sample.header.spec,
      specDigest: sample.header.specDigest)
    #expect(Set(merged.runs.map(\.contentDigest)) == Set(whole.runs.map(\.contentDigest)))
    #expect(merged.runs.count == whole.runs.count)
    #expect(merged.header.plan.count == whole.header.plan.count)
  }

  @Test func aRunThatDiffersIsNoPartOfAMerger() throws {
    let record = sample().record
    var other = record
    other.runs[1].trajectory[.loss][0] += 1
    let error = #expect(throws: StorageError.self) {
      try ExperimentRecord(
        merging: [("a.h5", record), ("b.h5", other)], spec: "", specDigest: "")
    }
    #expect(error?.file == "b.h5")
    #expect(error?.detail.contains("'\(record.runs[1].key.run)'") == true)
    #expect(error?.detail.hasSuffix("is not the same as in a.h5") == true)
    var problem = record
    problem.header.problems[0].digest = "other data"
    #expect(throws: StorageError.self) {
      try ExperimentRecord(
        merging: [("a.h5", record), ("b.h5", problem)], spec: "", specDigest: "")
    }
  }
}
