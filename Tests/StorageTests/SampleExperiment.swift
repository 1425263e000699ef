import Foundation
import Records
import Storage
import Testing

/// A made-up experiment that has everything a result file can hold: two problems, one without
/// splits, runs of different lengths, values that are not finite, a flight recording.
struct SampleExperiment {
  var header: ExperimentHeader
  var runs: [RunRecord]

  var record: ExperimentRecord { ExperimentRecord(header: header, runs: runs) }
  var order: [RunKey] { runs.map(\.key) }

  /// - Parameters:
  ///   - runsPerProblem: At least 4, so that each kind of run is among them.
  ///   - recordsTensors: Whether the runs of the first problem record their tensors at every step.
  init(runsPerProblem: Int = 5, steps: Int = 40, recordsTensors: Bool = false) {
    header = Self.header(plannedRuns: 2 * runsPerProblem)
    runs = []
    for problem in header.problems {
      for index in 0..<runsPerProblem {
        runs.append(
          Self.run(
            problem: problem.name, index: index, steps: steps,
            recordsTensors: recordsTensors && problem.name == "digits"))
      }
    }
  }

  static func header(plannedRuns: Int = 10) -> ExperimentHeader {
    var made = Provenance()
    made.optbenchVersion = "1.2.3"
    made.gitRevision = "0123abc"
    made.swiftVersion = "6.3.1"
    made.oneDNNVersion = "2.6.3"
    made.hdf5Version = RunArchive.hdf5Version
    made.libcVersion = "glibc 2.36"
    made.cpu = "Test CPU ×2"
    made.isa = "x86-64-v3"
    made.kernel = "Linux 6.1"
    made.cores = 2
    made.created = "2026-01-02T03:04:05Z"
    let digits = ProblemRecord(
      name: "digits", summary: "8×8 digits, MLP 64-10, cross-entropy, batch 32",
      digest: String(repeating: "1a", count: 32), dataPlace: "digits.csv",
      dataDigest: String(repeating: "3c", count: 32), parameterCount: 650,
      layout: #"[{"name":"dense1.weight","shape":[10,64],"role":"weight"}]"#, lowerBound: 0,
      lossUnit: 2.302585092994046, targetMetric: "validation_accuracy", targetValue: 0.9,
      targetRule: "median of SGD's best", steps: 40, stepsPerEpoch: 8)
    let bowl = ProblemRecord(
      name: "bowl-2d", summary: "x² + y²", digest: String(repeating: "2b", count: 32),
      parameterCount: 2, layout: #"[{"name":"x","shape":[2],"role":"weight"}]"#,
      lowerBound: -0.5, lossUnit: 1, targetMetric: "", targetValue: .nan, targetRule: "",
      steps: 40, stepsPerEpoch: 0)
    return ExperimentHeader(
      name: "sample", title: "Ein Prüfstück", spec: "optbench: 1\nname: sample  # µ\n",
      specDigest: String(repeating: "c0", count: 32), provenance: made,
      problems: [digits, bowl], plannedRuns: plannedRuns)
  }

  /// Run number `index`: 1 exploded halfway, 2 lost its loss at once, 3 was not evaluated at the end.
  static func run(
    problem: String, index: Int, steps: Int = 40, recordsTensors: Bool = false
  ) -> RunRecord {
    var numbers = SampleNumbers(seed: UInt64(index + 1) &* UInt64(problem.utf8.count))
    let hasSplits = problem == "digits"
    var run = RunRecord(
      key: RunKey(problem: problem, run: "adam global-norm(1) lr=\(index / 2) seed=\(index % 2)"),
      optimizer: index % 2 == 0 ? "adam" : "sgd ∇", clipping: "global-norm(1)", trial: index / 2,
      seed: index % 2, baseLearningRate: 0.1 * Double(index + 1),
      isDefaultLearningRate: index == 0,
      hyperparameters: hasSplits
        ? [("momentum", index % 2 == 0 ? .nan : 0.9), ("seed", Double(index))] : [],
      config: #"{"optimizer":{"name":"adam"},"clipping":[]}"#,
      initialParametersDigest: String(repeating: "d", count: 64),
      dataOrderDigest: hasSplits ? String(repeating: "e", count: 64) : "")
    let length = index == 1 ? steps / 2 : index == 2 ? 1 : steps
    for series in StepSeries.allCases {
      run.trajectory[series] = (0..<length).map { _ in numbers.next() }
    }
    run.trajectory.clipFired = (0..<length).map { $0 % 3 == 0 ? 1 : 0 }
    run.trajectory[.gradientCosine][0] = .nan
    // Of one optimizer only, and in one run without a number.
    if index % 2 == 0 {
      run.trajectory.further = [
        RecordedSeries(.clipSkipped, (0..<length).map { $0 % 5 == 0 ? 1 : 0 })
      ]
    }
    if index == 2 { run.trajectory.further[0].values[0] = .nan }
    if index == 1 { run.trajectory[.loss][length - 1] = .infinity }
    if index == 2 { run.trajectory[.loss][0] = .nan }
    if index == 3 { run.trajectory[.updateNorm][1] = -Float.infinity }

    let every = Int32(steps / 4)
    run.evaluations.steps =
      index == 2 ? [0] : index == 3 ? [0, every, 3 * every] : (0...4).map { $0 * every }
    for metric in EvaluationMetric.allCases {
      let isMeasured = hasSplits || metric == .trainLoss
      run.evaluations[metric] = run.evaluations.steps.map { _ in
        // Accuracies are no Float32 numbers.
        isMeasured ? Double(numbers.next()) * (metric.isAccuracy && index == 3 ? 0.9 : 1) : .nan
      }
    }
    run.evaluations.elapsedSeconds = run.evaluations.steps.map { Double($0) * 0.25 }
    run.evaluations.gradientEvaluations = run.evaluations.steps.map { 2 * Int64($0) }

    run.gradientEvaluations = Int64(length) << 33
    run.wallSeconds = 1.5
    run.trainingSeconds = 1.25
    run.gradientDifference = 1e-7
    run.messages = "a line\nand another"
    run.peakMemoryBytes = 5 << 30
    run.targetStep = index == 0 ? Int(every) : -1
    run.worstStep = length - 1
    run.spikes = index
    run.spikesRecovered = index / 2
    run.nonfiniteGradients = index == 2 ? 1 : 0
    if index == 1 || index == 2 {
      run.outcome = index == 1 ? .exploded : .nonfinite
      run.failureTensor = "update dense1.weight"
      run.failureStep = length - 1
      run.firstAlarmStep = length - 1
      let recorded = Array((0..<Int32(length)).suffix(Recording.flightCapacity))
      let tensors = hasSplits ? ["dense1.weight", "dense1.bias"] : ["x"]
      let count = recorded.count * tensors.count
      var flight = Recording(steps: recorded, tensors: tensors, series: [])
      flight[.gradientNorm] = (0..<count).map { _ in numbers.next() }
      flight[.updateNorm] = (0..<count).map { _ in numbers.next() }
      flight[.parameterNorm] = (0..<count).map { $0 == 0 ? .nan : Float($0) }
      run.flight = flight
    }
    if index == 4 { run.outcome = .worseThanStart }
    if recordsTensors, index != 3 {
      run.tensors = Recording(
        steps: (0..<Int32(length)).map { $0 }, tensors: ["dense1.weight", "dense1.bias"],
        series: [])
      for norm in TensorNorm.allCases {
        run.tensors?[norm] = (0..<2 * length).map { _ in numbers.next() }
      }
    }
    return run
  }
}

/// Reproducible numbers of all magnitudes, for data whose values do not matter.
struct SampleNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) * 0x1p-24
  }
}

/// A folder of its own for one test, removed at the end.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "optbench-storage-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// The names in the folder or in one below it, sorted.
  func names(in folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: file(folder)).sorted()
  }
}

/// Runs a program found on the PATH and returns what it prints.
func output(of arguments: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self)
}
