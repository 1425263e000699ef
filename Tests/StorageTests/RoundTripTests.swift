import Foundation
import Records
import Storage
import Testing

/// What is written is what is read, to the bit.
@Suite struct RoundTripTests {
  @Test(arguments: [(5, 40, false), (64, 8, true), (131, 17, false), (5, 1500, true)])
  func anExperimentIsReadBackAsItWas(runs: Int, steps: Int, recordsTensors: Bool) throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment(
      runsPerProblem: runs, steps: steps, recordsTensors: recordsTensors)
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    for run in sample.runs.reversed() { try archive.keep(run) }
    try archive.publish(order: sample.order)

    let read = try RunArchive.read(folder.file("sample.h5"))
    #expect(read.header.problems.map(\.name) == ["digits", "bowl-2d"])
    expectSame(read, sample.record)
    #expect(read.contentDigest == sample.record.contentDigest)
    let summary = try RunArchive.readSummary(folder.file("sample.h5"))
    #expect(summary.contentDigest == sample.record.contentDigest)
    #expect(summary.storedRuns == 2 * runs)
    #expect(summary.runsPerProblem == [runs, runs])
  }

  /// Of some runs of a problem, of numbers that are not finite, and of different tensors' numbers.
  @Test func whatInstrumentsRecordIsReadBackAsItWas() throws {
    let folder = try TemporaryFolder()
    var sample = SampleExperiment(recordsTensors: true)
    let quantity = Quantity(name: "state_m_norm", longName: "norm of m", units: "m")
    for index in [0, 2] {
      let count = 2 * sample.runs[index].trajectory.steps
      sample.runs[index].tensors?.series.append(
        RecordedSeries(quantity, (0..<count).map { $0 == 1 ? .infinity : Float($0) }))
    }
    // One that recorded nothing but that.
    let steps = sample.runs[3].trajectory.steps
    sample.runs[3].tensors = Recording(
      steps: (0..<Int32(steps)).map { $0 }, tensors: ["dense1.weight", "dense1.bias"],
      series: TensorNorm.allCases.map {
        RecordedSeries($0.quantity, Array(repeating: .nan, count: 2 * steps))
      } + [RecordedSeries(quantity, Array(repeating: .nan, count: 2 * steps))])
    let flight = try #require(sample.runs[1].flight)
    sample.runs[1].flight?.series.append(
      RecordedSeries(quantity, Array(repeating: 7, count: flight.steps.count * 2)))
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    try archive.publish(order: sample.order)
    let read = try RunArchive.read(folder.file("sample.h5"))
    expectSame(read, sample.record)
    for (read, written) in zip(read.runs, sample.runs) {
      #expect(read.tensors?.series.map(\.quantity) == written.tensors?.series.map(\.quantity))
      #expect(read.flight?.series.map(\.quantity) == written.flight?.series.map(\.quantity))
    }
  }

  @Test func aProblemWithoutRunsIsKept() throws {
    let folder = try TemporaryFolder()
    let sample = SampleExperiment()
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    try archive.publish(order: sample.order)
    let read = try RunArchive.read(folder.file("sample.h5"))
    #expect(read.runs.isEmpty)
    #expect(read.header.problems.map(\.digest) == sample.header.problems.map(\.digest))
  }

  @Test func aRunWithoutStepsOrEvaluationsIsKept() throws {
    let folder = try TemporaryFolder()
    var sample = SampleExperiment()
    sample.runs = [
      RunRecord(
        key: RunKey(problem: "digits", run: "sgd none lr=1 seed=0"), optimizer: "sgd",
        clipping: "none", trial: 0, seed: 0, baseLearningRate: 1, isDefaultLearningRate: false,
        hyperparameters: [], config: "{}")
    ]
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    try archive.keep(sample.runs[0])
    try archive.publish(order: sample.order)
    expectSame(try RunArchive.read(folder.file("sample.h5")), sample.record)
  }

  @Test func aLongSpecIsKept() throws {
    let folder = try TemporaryFolder()
    var sample = SampleExperiment()
    sample.header.spec = String(repeating: "# a comment that goes on and on\n", count: 5000)
    let archive = try RunArchive(path: folder.file("sample.h5"), header: sample.header)
    for run in sample.runs { try archive.keep(run) }
    try archive.publish(order: sample.order)
    #expect(try RunArchive.read(folder.file("sample.h5")).header.spec == sample.header.spec)
  }
}

/// Expects equality of everything, with the numbers compared by their bits.
func expectSame(_ read: ExperimentRecord, _ written: ExperimentRecord) {
  #expect(read.header.provenance == written.header.provenance)
  #expect(read.header.spec == written.header.spec)
  #expect(read.header.title == written.header.title)
  #expect(read.header.plannedRuns == written.header.plannedRuns)
  #expect(read.runs.map(\.key) == written.runs.map(\.key))
  for (read, written) in zip(read.runs, written.runs) { expectSame(read, written) }
}

/// Expects equality of everything, times and memory included.
func expectSame(_ read: RunRecord, _ written: RunRecord) {
  #expect(read == written)
  #expect(read.wallSeconds == written.wallSeconds)
  #expect(
    read.trainingSeconds == written.trainingSeconds
      || read.trainingSeconds.isNaN && written.trainingSeconds.isNaN)
  #expect(read.peakMemoryBytes == written.peakMemoryBytes)
  #expect(read.evaluations.elapsedSeconds == written.evaluations.elapsedSeconds)
  let bits = { (run: RunRecord) in run.trajectory.series.map { $0.map(\.bitPattern) } }
  #expect(bits(read) == bits(written))
  #expect(read.trajectory.further.map(\.quantity) == written.trajectory.further.map(\.quantity))
  #expect(
    read.evaluations[.testAccuracy].map(\.bitPattern)
      == written.evaluations[.testAccuracy].map(\.bitPattern))
  #expect((read.flight == nil) == (written.flight == nil))
  #expect((read.tensors == nil) == (written.tensors == nil))
}
