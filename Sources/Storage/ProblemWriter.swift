internal import HDF5
internal import Records

/// Writes the group of one problem, its runs block by block.
struct ProblemWriter {
  let problem: ProblemRecord
  /// Room for all runs.
  let shape: ProblemShape
  /// The rows of the group `provenance`.
  let origins: [Provenance]
  /// The level at which two- and three-dimensional datasets are deflated.
  let deflate: Int

  /// Creates the group with its attributes.
  func createGroup(in root: borrowing HDF5Group, hasRuns: Bool) throws(HDF5Error) {
    let group = try root.createGroup(problem.name)
    try ProblemAttributes.write(problem, to: group)
    if hasRuns {
      try group.setAttribute("signal", StepSeries.loss.rawValue)
      try group.setAttribute("axes", [".", "step"])
      try group.setAttribute("hyperparameters", hyperparameterNames.joined(separator: " "))
      try recordings[0].declare(in: group)
    }
    try group.close()
  }

  /// Writes a block of runs; blocks come in order.
  func write(
    _ runs: [RunRecord], digests: [String], block: RunBlock, in root: borrowing HDF5Group
  ) throws(HDF5Error) {
    let group = try root.group(problem.name)
    let run = try scale(of: group, block: block)
    try run.dataset.write(texts: runs.map(\.key.run), rows: block.rows)
    let step =
      try block.isFirst
      ? group.createScale(
        "step", (0..<shape.steps).map { Int32($0) }, longName: "step, from 0")
      : group.scale("step")
    let dimensions = Dimensions(scales: [run, step], coordinates: coordinates)
    for column in RunColumn.all {
      try column.write(runs, block: block, dimensions: dimensions, in: group)
    }
    try group.write(
      Self.stepsRecorded, runs.map { Int32($0.trajectory.steps) }, rank: 1, block: block,
      dimensions: dimensions, deflate: 0)
    try group.write(
      Self.runDigest, texts: digests, block: block, dimensions: dimensions)
    if origins.count > 1 {
      let rows = runs.map { run in
        run.provenance.flatMap { origins.firstIndex(of: $0) }.map { Int32($0) } ?? -1
      }
      try group.write(
        ProvenanceGroup.row, rows, padding: -1, rank: 1, block: block, dimensions: dimensions,
        deflate: 0)
    }
    try writeHyperparameters(runs, block: block, dimensions: dimensions, in: group)
    for recording in recordings {
      try recording.write(
        runs, block: block, dimensions: dimensions, deflate: deflate, in: group)
    }
    if block.isFirst {
      try linkLabels(into: group)
      for scale in [run, step] { try scale.finish() }
    }
    try group.close()
  }

  private static let stepsRecorded = RunVariable(
    name: "steps_recorded", longName: "steps that the run made, the failing one included",
    units: "1")
  private static let runDigest = RunVariable(
    name: "run_digest", longName: "SHA-256 of everything reproducible in the run")

  /// The groups of `RecordingKind.all`, in its order.
  private var recordings: [RecordingGroup] {
    zip(RecordingKind.all, shape.rooms).map { RecordingGroup(kind: $0, room: $1) }
  }

  /// The variables along `run` that tell the runs apart.
  private var coordinates: [String] {
    [
      "optimizer", "clipping", "seed", "outcome", "base_learning_rate", "steps_recorded", "trial",
    ] + hyperparameterNames
  }

  /// Gives the groups within the problem's the labels of the runs, as links to the datasets of the
  /// problem: for programs that open one group for itself.
  private func linkLabels(into problem: borrowing HDF5Group) throws(HDF5Error) {
    let names = RecordingKind.all.map(\.group).filter { !$0.isEmpty }
    for name in names where try problem.contains(name) {
      let group = try problem.group(name)
      for label in ["run"] + coordinates { try group.link(label, to: problem) }
      try group.close()
    }
  }

  private var hyperparameterNames: [String] {
    shape.hyperparameters.map(HyperparameterColumns.datasetName)
  }

  private func scale(
    of group: borrowing HDF5Group, block: RunBlock
  ) throws(HDF5Error) -> Scale {
    guard block.isFirst else { return try group.scale("run") }
    let run = try group.createTextDataset("run", count: block.total)
    try run.makeDimensionScale("run")
    try run.describe(RunVariable(name: "run", longName: "readable key of the run"))
    return try Scale(run)
  }

  private func writeHyperparameters(
    _ runs: [RunRecord], block: RunBlock, dimensions: Dimensions,
    in group: borrowing HDF5Group
  ) throws(HDF5Error) {
    for (name, dataset) in zip(shape.hyperparameters, hyperparameterNames) {
      let values = runs.map { run in
        run.hyperparameters.first { $0.name == name }?.value ?? .nan
      }
      try group.write(
        RunVariable(
          name: dataset, longName: "hyperparameter \(name); NaN where the method has none",
          units: "1"),
        values, padding: .nan, rank: 1, block: block, dimensions: dimensions, deflate: 0)
    }
  }
}
