internal import HDF5
internal import Records

/// Reads the group of one problem.
enum ProblemReader {
  /// The number of runs and what they recorded.
  static func contents(
    of group: borrowing HDF5Group
  ) throws(HDF5Error) -> (runs: Int, shape: ProblemShape) {
    var shape = ProblemShape()
    guard try group.contains("run") else { return (0, shape) }
    let runs = try group.dataset("run").rows
    shape.hyperparameters = try group.textAttribute("hyperparameters").split(separator: " ")
      .map { HyperparameterColumns.hyperparameter(of: String($0)) }
    for (index, kind) in RecordingKind.all.enumerated() {
      shape.rooms[index] = try RecordingGroup.room(of: kind, in: group)
    }
    return (runs, shape)
  }

  /// The keys of the runs, in the order in which they are stored.
  static func keys(of group: borrowing HDF5Group, problem: String) throws(HDF5Error) -> [RunKey] {
    guard try group.contains("run") else { return [] }
    return try group.dataset("run").readTexts().map { RunKey(problem: problem, run: $0) }
  }

  /// The content digests that were stored with the runs in `rows`.
  static func digests(
    of group: borrowing HDF5Group, rows: Range<Int>
  ) throws(HDF5Error) -> [String] {
    try group.texts("run_digest", rows: rows)
  }

  /// The runs in `rows`.
  static func runs(
    of group: borrowing HDF5Group, problem: String, shape: ProblemShape, rows: Range<Int>
  ) throws(HDF5Error) -> [RunRecord] {
    var runs: [RunRecord] = []
    runs.reserveCapacity(rows.count)
    for name in try group.texts("run", rows: rows) {
      runs.append(
        RunRecord(
          key: RunKey(problem: problem, run: name), optimizer: "", clipping: "", trial: 0, seed: 0,
          baseLearningRate: 0, isDefaultLearningRate: false, hyperparameters: [], config: ""))
    }
    try refuseUnknownOutcomes(group, rows: rows)
    for column in RunColumn.all { try column.read(rows, into: &runs, from: group) }
    for name in shape.hyperparameters {
      let dataset = HyperparameterColumns.datasetName(of: name)
      let values = try group.numbers(dataset, as: Double.self, rows: rows)
      for index in runs.indices { runs[index].hyperparameters.append((name, values[index])) }
    }
    if try group.contains(ProvenanceGroup.row.name) {
      let origins = try group.numbers(ProvenanceGroup.row.name, as: Int32.self, rows: rows)
      for (index, row) in origins.enumerated() where shape.origins.indices.contains(Int(row)) {
        runs[index].provenance = shape.origins[Int(row)]
      }
    } else if shape.origins.count == 1 {
      for index in runs.indices { runs[index].provenance = shape.origins[0] }
    }
    let lengths = try lengths(of: group, rows: rows, atMost: shape.steps)
    for (kind, room) in zip(RecordingKind.all, shape.rooms) {
      try RecordingGroup(kind: kind, room: room)
        .read(into: &runs, rows: rows, lengths: lengths, from: group)
    }
    return runs
  }

  /// The steps that each run made.
  private static func lengths(
    of group: borrowing HDF5Group, rows: Range<Int>, atMost most: Int
  ) throws(HDF5Error) -> [Int] {
    let lengths = try group.numbers("steps_recorded", as: Int32.self, rows: rows).map { Int($0) }
    guard lengths.allSatisfy({ 0...most ~= $0 }) else {
      throw HDF5Error(
        operation: "read", file: group.file, object: "\(group.path)/steps_recorded",
        detail: "a run has more steps than the file holds, or fewer than none; it is damaged")
    }
    return lengths
  }

  private static func refuseUnknownOutcomes(
    _ group: borrowing HDF5Group, rows: Range<Int>
  ) throws(HDF5Error) {
    for name in try group.texts("outcome", rows: rows) where Outcome(rawValue: name) == nil {
      let known = Outcome.allCases.map(\.rawValue).joined(separator: ", ")
      throw HDF5Error(
        operation: "read", file: group.file, object: "\(group.path)/outcome",
        detail: "'\(name)' is not an outcome; known are \(known)")
    }
  }
}

extension HDF5Group {
  /// The given rows of a dataset of texts.
  func texts(_ name: String, rows: Range<Int>) throws(HDF5Error) -> [String] {
    let dataset = try dataset(name)
    try dataset.requireRows([], atLeast: rows.upperBound)
    return try dataset.readTexts(rows: rows)
  }

  /// The given rows of a dataset of numbers whose rows have the shape `rowShape`.
  func numbers<Element: HDF5Element>(
    _ name: String, as type: Element.Type, rows: Range<Int>, rowShape: [Int] = []
  ) throws(HDF5Error) -> [Element] {
    let dataset = try dataset(name)
    try dataset.requireRows(rowShape, atLeast: rows.upperBound)
    return try dataset.read(as: type, rows: rows)
  }
}

extension HDF5Dataset {
  /// Throws if the rows do not have the shape `rowShape` or are fewer than `count`.
  fileprivate func requireRows(_ rowShape: [Int], atLeast count: Int) throws(HDF5Error) {
    guard shape.count == rowShape.count + 1, Array(shape.dropFirst()) == rowShape, rows >= count
    else {
      throw HDF5Error(
        operation: "read", file: file, object: path,
        detail: "its shape is \(shape) where \([count] + rowShape) is needed; the file is damaged")
    }
  }
}
