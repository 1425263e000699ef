internal import Records

/// One run in a journal, with what it belongs to.
struct JournaledRun {
  /// Of the experiment and of the run's problem alone, without a plan.
  var header: ExperimentHeader
  var run: RunRecord

  static let hyperparameterPrefix = "hyperparameter."
}

/// What a run says first that it will record: which recording, of which tensors, which quantities.
struct JournalLayout {
  let kind: RecordingKind
  var tensors: [String]
  var quantities: [Quantity]

  /// The values in each row of a quantity.
  var extent: Int { kind.isPerTensor ? tensors.count : 1 }

  static func write(_ all: [(RecordingKind, Recording)], to encoder: inout JournalEncoder) {
    encoder.add(UInt32(all.count))
    for (kind, recording) in all {
      encoder.add(kind.label)
      encoder.add(UInt32(recording.tensors.count))
      for tensor in recording.tensors { encoder.add(tensor) }
      encoder.add(UInt32(recording.series.count))
      for quantity in recording.series.lazy.map(\.quantity) {
        encoder.add(quantity.name)
        encoder.add(quantity.longName)
        encoder.add(quantity.units)
        encoder.add(UInt8(ascii: quantity.number.letter))
      }
    }
  }
}

extension JournalEncoder {
  /// Adds the blocks of a finished run.
  ///
  /// - Throws: If a value of the run does not fit into its column.
  mutating func add(
    _ run: RunRecord, of header: ExperimentHeader, problem: ProblemRecord, file: String
  ) throws(StorageError) {
    let sequence = try add(unfinished: run, of: header, problem: problem)
    try addBlock(.end, sequence: sequence) { encoder throws(StorageError) in
      try JournalFields(endOf: run, file: file).write(to: &encoder)
    }
  }

  /// Adds the blocks of what a run has recorded.
  ///
  /// - Returns: Their number.
  mutating func add(
    unfinished run: RunRecord, of header: ExperimentHeader, problem: ProblemRecord
  ) throws(StorageError) -> Int {
    let recordings = RecordingKind.all.compactMap { kind in
      kind.storedRecording(of: run).map { (kind, $0) }
    }
    var sequence = 0
    func next() -> Int {
      defer { sequence += 1 }
      return sequence
    }
    try addBlock(.run, sequence: next()) { encoder throws(StorageError) in
      JournalFields(headOf: run, header, problem).write(to: &encoder)
      JournalLayout.write(recordings, to: &encoder)
    }
    for (index, (_, recording)) in recordings.enumerated() where !recording.steps.isEmpty {
      try addBlock(.rows, sequence: next()) { encoder throws(StorageError) in
        encoder.add(UInt32(index))
        encoder.add(UInt32(recording.steps.count))
        encoder.add(recording.steps)
        for series in recording.series { encoder.add(series.numbers) }
      }
    }
    return sequence
  }
}

extension JournalFields {
  /// What a run belongs to, and what it is.
  fileprivate init(headOf run: RunRecord, _ header: ExperimentHeader, _ problem: ProblemRecord) {
    self.init()
    set("name", header.name)
    set("title", header.title)
    set("spec_digest", header.specDigest)
    let made = run.provenance ?? header.provenance
    for (name, property) in HeaderAttributes.provenance { set(name, made[keyPath: property]) }
    set("cores", Int64(made.cores))
    set("flush_denormals", Int64(made.flushDenormals ? 1 : 0))
    set("problem", problem.name)
    for attribute in ProblemAttributes.all where attribute.isSaid(of: problem) {
      switch attribute.property {
      case .text(let path): set(attribute.name, problem[keyPath: path])
      case .integer(let path): set(attribute.name, Int64(problem[keyPath: path]))
      case .number(let path): set(attribute.name, problem[keyPath: path])
      }
    }
    set("run", run.key.run)
    set(RunColumn.identity, run.identity)
  }

  /// How the run ended, and its hyperparameters.
  fileprivate init(endOf run: RunRecord, file: String) throws(StorageError) {
    self.init()
    for column in RunColumn.all {
      switch column.property {
      case .text(let path): set(column.name, run[keyPath: path])
      case .int32(let path):
        let value = run[keyPath: path]
        guard Int32(exactly: value) != nil else {
          throw StorageError(
            kind: .refused, operation: "write", file: file,
            object: "/\(run.key.problem)/\(column.name)",
            detail: "\(value) of the run \(run.key.run) does not fit into 32 bits")
        }
        set(column.name, Int64(value))
      case .int64(let path): set(column.name, run[keyPath: path])
      case .float64(let path): set(column.name, run[keyPath: path])
      case .flag(let path): set(column.name, Int64(run[keyPath: path] ? 1 : 0))
      }
    }
    for (name, value) in run.hyperparameters {
      set(JournaledRun.hyperparameterPrefix + name, value)
    }
  }
}
