internal import Files
internal import Records

/// The making of a merged file from the one before it and the runs kept since.
///
/// To be used within one `HDF5Library.exclusively`.
struct Publication {
  let header: ExperimentHeader
  /// The merged file, old and new.
  let destination: Destination
  /// The runs in the old merged file, in its order, as they are called now.
  let merged: [RunKey]
  let kept: [RunKey: KeptRun]
  let recent: RecentRuns
  /// The runs to publish, grouped by problem in the header's order.
  let order: [RunKey]
  private let plan: [RunKey: PlanEntry]
  /// The hyperparameters that vary within each problem by the plan.
  private let plannedHyperparameters: [String: [String]]

  init(
    header: ExperimentHeader, destination: Destination, merged: [RunKey],
    kept: [RunKey: KeptRun], recent: RecentRuns, order: [RunKey]
  ) {
    self.header = header
    self.destination = destination
    self.merged = merged
    self.kept = kept
    self.recent = recent
    plan = Dictionary(header.plan.map { ($0.key, $0) }) { first, _ in first }
    plannedHyperparameters = Dictionary(
      header.plan.filter(\.isNamed).map { ($0.key.problem, $0.hyperparameters.map(\.name)) }
    ) { first, _ in first }
    self.order = header.problems.flatMap { problem in
      order.filter { $0.problem == problem.name }
    }
  }

  private var path: String { destination.path }

  /// Writes the new file, verifies it and puts it in the place of the old one.
  ///
  /// - Returns: The destination with the new file in it.
  func write() throws(StorageError) -> Destination {
    let keys = header.problems.map { problem in order.filter { $0.problem == problem.name } }
    let old = try merged.isEmpty ? nil : MergedRuns(path, names: merged)
    let shapes = try header.problems.indices.map { index throws(StorageError) in
      try shape(of: keys[index], problem: header.problems[index].name, old: old?.shapes)
    }
    var pending = try filing { () throws(FileError) in
      try WholeFile(destination, replacing: .whatWasSeen)
    }
    try writeExperiment(
      to: pending.temporaryPath, named: path, header: header, shapes: shapes,
      runCounts: keys.map(\.count), deflate: 4
    ) { problem, rows throws(StorageError) in
      var runs: [RunRecord] = []
      for key in keys[problem][rows] {
        runs.append(try run(key, old: old))
      }
      return runs
    }
    try FileSeal.append(to: pending)
    try verify(pending.temporaryPath)
    return try filing { () throws(FileError) in try pending.publish() }
  }

  /// The finished runs `keys`.
  func runs(_ keys: [RunKey]) throws(StorageError) -> [RunRecord] {
    let old = try merged.isEmpty ? nil : MergedRuns(path, names: merged)
    var runs: [RunRecord] = []
    for key in keys { runs.append(try run(key, old: old)) }
    return runs
  }

  private func verify(_ temporaryPath: String) throws(StorageError) {
    do {
      let reader = try ExperimentReader(temporaryPath)
      try reader.verify()
      precondition(reader.runCounts.reduce(0, +) == order.count, "\(path) lacks written runs")
    } catch {
      throw StorageError(
        kind: .damaged, operation: "write", file: path, object: error.object,
        detail: "what was written does not read back: \(error.detail)",
        advice: "check the disk, then run again: the finished runs are kept beside it")
    }
  }
}

extension Publication {
  /// Room for the runs `keys` of one problem.
  ///
  /// Runs that come from the old file count with what all runs of their problem recorded there.
  private func shape(
    of keys: [RunKey], problem: String, old: [String: ProblemShape]?
  ) throws(StorageError) -> ProblemShape {
    var shape = ProblemShape()
    if keys.contains(where: { kept[$0] == nil }), let old = old?[problem] {
      shape.formUnion(old)
    }
    for key in keys {
      if let run = kept[key] { shape.formUnion(run.shape) }
    }
    if let planned = plannedHyperparameters[problem] {
      let isWholePlan = keys.allSatisfy { plan[$0]?.isNamed == true }
      let others = isWholePlan ? [] : shape.hyperparameters.filter { !planned.contains($0) }
      shape.hyperparameters = planned + others
    }
    return shape
  }

  /// The run `key`, at its place in the plan of today.
  private func run(_ key: RunKey, old: MergedRuns?) throws(StorageError) -> RunRecord {
    var run = try storedRun(key, old: old)
    if let entry = plan[key], entry.isNamed {
      run.take(placeOf: entry)
    } else if let planned = plannedHyperparameters[key.problem] {
      // In the order of the file's columns.
      let known = run.hyperparameters
      run.hyperparameters =
        planned.compactMap { name in known.first { $0.name == name } }
        + known.filter { !planned.contains($0.name) }
    }
    return run
  }

  /// The run `key`, as it was kept last.
  private func storedRun(_ key: RunKey, old: MergedRuns?) throws(StorageError) -> RunRecord {
    if let run = recent[key] { return run }
    guard let kept = kept[key] else {
      guard let run = try old?.run(key) else {
        preconditionFailure("the run \(key.run) is neither kept nor in \(path)")
      }
      return run
    }
    return try kept.record()
  }
}

/// The runs of an old merged file, read block by block.
private final class MergedRuns {
  let shapes: [String: ProblemShape]
  private let reader: ExperimentReader
  private let places: [RunKey: (problem: Int, row: Int)]
  private var block: (problem: Int, rows: Range<Int>, runs: [RunRecord])?

  /// - Parameter keys: What its runs are called now, in its order.
  init(_ path: String, names keys: [RunKey]) throws(StorageError) {
    let reader = try ExperimentReader(path)
    let names = reader.header.problems.map(\.name)
    shapes = Dictionary(zip(names, reader.shapes)) { first, _ in first }
    var places: [RunKey: (problem: Int, row: Int)] = [:]
    var next = names.map { _ in 0 }
    for key in keys {
      guard let problem = names.firstIndex(of: key.problem) else { continue }
      places[key] = (problem, next[problem])
      next[problem] += 1
    }
    self.places = places
    self.reader = reader
  }

  /// The run `key`; runs asked for in the order in which they are stored are read once.
  func run(_ key: RunKey) throws(StorageError) -> RunRecord? {
    guard let (problem, row) = places[key] else { return nil }
    if let block, block.problem == problem, block.rows.contains(row) {
      return block.runs[row - block.rows.lowerBound]
    }
    let start = row / RunBlock.size * RunBlock.size
    let rows = start..<min(start + RunBlock.size, reader.runCounts[problem])
    let runs = try reader.runs(ofProblem: problem, rows: rows)
    block = (problem, rows, runs)
    return runs[row - start]
  }
}
