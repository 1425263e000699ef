internal import Digests
public import Records

extension ExperimentRecord {
  /// SHA-256 of everything reproducible in the experiment: equal for the same spec, binary and type
  /// of machine, however the runs were scheduled, interrupted or stored.
  ///
  /// Times, memory and provenance are left out, and the reference loss, which follows from what the
  /// problem's own digest covers.
  public var contentDigest: String {
    var digest = ExperimentDigest(header)
    for run in runs { digest.add(runDigest: run.contentDigest) }
    return digest.finish()
  }
}

/// What binds an experiment's name to its content. The name changes no run, and results that were
/// published under one content digest keep it, so that the name has a digest of its own.
func nameDigest(of name: String, contentDigest: String) -> String {
  var digest = Digest()
  digest.add("optbench name 1")
  digest.add(name)
  digest.add(contentDigest)
  return digest.finish()
}

/// The content digest of an experiment whose runs come one after the other.
struct ExperimentDigest: ~Copyable {
  private var digest = Digest()

  init(_ header: ExperimentHeader) {
    digest.add("optbench experiment 1")
    digest.add(header.specDigest)
    digest.add(header.problems.count)
    for problem in header.problems {
      digest.add(problem.name)
      digest.add(problem.digest)
      digest.add(problem.parameterCount)
      digest.add(problem.layout)
      digest.add(problem.lowerBound)
      digest.add(problem.lossUnit)
      digest.add(problem.targetMetric)
      digest.add(problem.targetValue)
      digest.add(problem.steps)
      digest.add(problem.stepsPerEpoch)
    }
  }

  mutating func add(runDigest: String) { digest.add(runDigest) }

  consuming func finish() -> String { digest.finish() }
}

extension RunRecord {
  /// SHA-256 of everything reproducible in the run: all but times and memory.
  ///
  /// A hyperparameter that the method does not have counts like one that is not named, a further
  /// series of zeros like one that was not recorded. Evaluations count in single precision.
  public var contentDigest: String {
    var digest = Digest()
    digest.add("optbench run 1")
    digest.add(key.problem)
    digest.add(key.run)
    for column in RunColumn.inDigestOrder { column.add(self, to: &digest) }
    for (name, value) in hyperparameters where !value.isNaN {
      digest.add(name)
      digest.add(value)
    }
    for kind in RecordingKind.all {
      if let recording = kind.storedRecording(of: self) { digest.add(recording, kind) }
    }
    return digest.finish()
  }
}

extension RunColumn {
  /// The columns of the first format in the order in which they have always been digested.
  private static let firstFormat = [
    "optimizer", "clipping", "config", "initial_parameters_digest", "data_order_digest", "outcome",
    "failure_tensor", "trial", "seed", "is_default_learning_rate", "failure_step", "target_step",
    "first_alarm_step", "worst_step", "spikes", "spikes_recovered", "nonfinite_gradients",
    "gradient_evaluations", "base_learning_rate",
  ]

  /// Whether files of the first version have the column.
  var isOfFirstFormat: Bool {
    Self.firstFormat.contains(name) || ["wall_seconds", "peak_memory_bytes"].contains(name)
  }

  /// What is digested, later additions last.
  fileprivate static let inDigestOrder: [RunColumn] =
    firstFormat.compactMap { name in all.first { $0.name == name } }
    + all.filter { !$0.isOfFirstFormat && $0.isReproducible }

  fileprivate func add(_ run: RunRecord, to digest: inout Digest) {
    if !isOfFirstFormat { digest.add(name) }
    switch property {
    case .text(let path): digest.add(run[keyPath: path])
    case .int32(let path): digest.add(run[keyPath: path])
    case .int64(let path): digest.add(Int(run[keyPath: path]))
    case .float64(let path): digest.add(run[keyPath: path])
    case .flag(let path): digest.add(run[keyPath: path] ? 1 : 0)
    }
  }
}

extension RecordingKind {
  /// The run's recording as it is stored: a flight without steps counts as none.
  func storedRecording(of run: RunRecord) -> Recording? {
    recording(run).flatMap { rows == .lastSteps && $0.steps.isEmpty ? nil : $0 }
  }
}

extension Digest {
  fileprivate mutating func add(_ recording: Recording, _ kind: RecordingKind) {
    add(kind.label)
    if kind.rows != .steps { add(recording.steps) }
    if kind.isPerTensor {
      add(recording.tensors.count)
      for name in recording.tensors { add(name) }
    }
    let names = Set(kind.builtIn.map(\.name))
    for series in recording.series where series.quantity.isReproducible {
      let isBuiltIn = names.contains(series.quantity.name)
      if !isBuiltIn {
        if series.isZero { continue }
        add(series.quantity.name)
      }
      switch series.numbers {
      case .float32(let values): add(values)
      case .float64(let values): add(values.map(Float.init))
      case .int8(let values):
        add(values.count)
        values.withUnsafeBytes { add($0) }
      case .int64(let values): for value in values { add(Int(value)) }
      }
    }
  }
}
