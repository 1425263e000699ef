internal import HDF5
internal import Records

/// `tensors/`: norms per tensor at every step, along `run`, the problem's `step` and `tensor`, where
/// the spec asked for them. `recorded` tells the runs that have them.
enum TensorGroup {
  static let name = "tensors"
  private static let recorded = RunVariable(
    name: "recorded", longName: "whether the run recorded its tensors (1) or not (0)")

  static func write(
    _ runs: [RunRecord], _ shape: ProblemShape, block: RunBlock, dimensions outer: Dimensions,
    deflate: Int, in problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    let tensors = shape.tensors ?? []
    try requireSameTensors(runs.map { $0.tensors?.tensors }, as: tensors, of: runs, in: problem)
    let group = try block.isFirst ? create(in: problem) : problem.group(name)
    let tensor = try group.tensorScale(tensors, block: block)
    let dimensions = Dimensions(
      scales: outer.scales + [tensor], coordinates: outer.coordinates)
    try group.write(
      recorded, runs.map { $0.tensors == nil ? Int8(0) : 1 }, rank: 1, block: block,
      dimensions: dimensions, deflate: 0)
    for norm in TensorNorm.allCases {
      let rows = runs.map { $0.tensors.map { $0[keyPath: norm.inTensors] } ?? [] }
      try group.write(
        norm.variable, padded(rows, width: shape.steps * tensors.count, with: .nan), padding: .nan,
        rank: 3, block: block, dimensions: dimensions, deflate: deflate)
    }
    if block.isFirst { try tensor.finish() }
    try group.close()
  }

  static func readShape(
    _ shape: inout ProblemShape, from problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    guard try problem.contains(name) else { return }
    shape.tensors = try problem.group(name).dataset("tensor").readTexts()
  }

  static func read(
    into runs: inout [RunRecord], rows: Range<Int>, shape: ProblemShape,
    from problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    guard let tensors = shape.tensors else { return }
    let group = try problem.group(name)
    let isRecorded = try group.numbers(recorded.name, as: Int8.self, rows: rows)
    for index in runs.indices where isRecorded[index] == 1 {
      runs[index].tensors = TensorRecording(
        tensors: tensors, gradientNorm: [], updateNorm: [], parameterNorm: [])
    }
    let width = shape.steps * tensors.count
    for norm in TensorNorm.allCases {
      let values = try group.numbers(
        norm.rawValue, as: Float.self, rows: rows, rowShape: [shape.steps, tensors.count])
      for index in runs.indices {
        let count = runs[index].trajectory.steps * tensors.count
        runs[index].tensors?[keyPath: norm.inTensors] =
          Array(values[index * width..<index * width + count])
      }
    }
  }

  private static func create(in problem: borrowing HDF5Group) throws(HDF5Error) -> HDF5Group {
    let group = try problem.createGroup(name)
    try group.setAttribute("NX_class", "NXdata")
    try group.setAttribute("signal", TensorNorm.gradient.rawValue)
    try group.setAttribute("axes", [".", "step", "tensor"])
    return group
  }
}

extension HDF5Group {
  /// The dimension scale of the tensors' names, created with the first block.
  func tensorScale(_ names: [String], block: RunBlock) throws(HDF5Error) -> Scale {
    try block.isFirst
      ? createScale("tensor", texts: names, longName: "name of the tensor") : scale("tensor")
  }
}

/// Throws if a run's recording names other tensors than those of its problem's other runs.
func requireSameTensors(
  _ recordings: [[String]?], as tensors: [String], of runs: [RunRecord],
  in problem: borrowing HDF5Group
) throws(HDF5Error) {
  for (recording, run) in zip(recordings, runs) where recording != nil && recording != tensors {
    throw HDF5Error(
      operation: "write", file: problem.file, object: problem.path,
      detail: "the run \(run.key.run) recorded other tensors than the runs before it")
  }
}
