internal import HDF5
internal import Records

/// `flight/`: the flight recorder of the runs that failed, along `run`, `flight_step_index` and
/// `tensor`. `flight_step` says at which step each row was recorded, −1 for none.
enum FlightGroup {
  static let name = "flight"
  private static let axis = "flight_step_index"
  private static let step = RunVariable(
    name: "flight_step", longName: "step of the recording; -1 where there is none", units: "1")

  static func write(
    _ runs: [RunRecord], _ shape: ProblemShape, block: RunBlock, dimensions outer: Dimensions,
    deflate: Int, in problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    let flights = runs.map { $0.flight?.steps.isEmpty == false ? $0.flight : nil }
    try requireSameTensors(
      flights.map { $0?.tensors }, as: shape.flightTensors, of: runs, in: problem)
    let group = try block.isFirst ? create(in: problem) : problem.group(name)
    let index =
      try block.isFirst
      ? group.createScale(
        axis, (0..<shape.flightSteps).map { Int32($0) }, longName: "recording, oldest first")
      : group.scale(axis)
    let tensor = try group.tensorScale(shape.flightTensors, block: block)
    let dimensions = Dimensions(
      scales: [outer.scales[0], index, tensor], coordinates: outer.coordinates)
    try group.write(
      step, padded(flights.map { $0?.steps ?? [] }, width: shape.flightSteps, with: -1),
      padding: -1, rank: 2, block: block, dimensions: dimensions, deflate: deflate)
    let width = shape.flightSteps * shape.flightTensors.count
    for norm in TensorNorm.allCases {
      let rows = flights.map { $0.map { $0[keyPath: norm.inFlight] } ?? [] }
      try group.write(
        norm.variable, padded(rows, width: width, with: .nan), padding: .nan, rank: 3,
        block: block, dimensions: dimensions, deflate: deflate)
    }
    if block.isFirst {
      for scale in [index, tensor] { try scale.finish() }
    }
    try group.close()
  }

  static func readShape(
    _ shape: inout ProblemShape, from problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    guard try problem.contains(name) else { return }
    let group = try problem.group(name)
    shape.flightSteps = try group.dataset(axis).rows
    shape.flightTensors = try group.dataset("tensor").readTexts()
  }

  static func read(
    into runs: inout [RunRecord], rows: Range<Int>, shape: ProblemShape,
    from problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    guard shape.flightSteps > 0 else { return }
    let group = try problem.group(name)
    let steps = try group.numbers(
      step.name, as: Int32.self, rows: rows, rowShape: [shape.flightSteps])
    let stepsOfRun = runs.indices.map { index in
      Array(steps[index * shape.flightSteps..<(index + 1) * shape.flightSteps].prefix { $0 >= 0 })
    }
    for index in runs.indices where !stepsOfRun[index].isEmpty {
      runs[index].flight = FlightRecording(
        steps: stepsOfRun[index], tensors: shape.flightTensors, gradientNorm: [], updateNorm: [],
        parameterNorm: [])
    }
    let width = shape.flightSteps * shape.flightTensors.count
    for norm in TensorNorm.allCases {
      let values = try group.numbers(
        norm.rawValue, as: Float.self, rows: rows,
        rowShape: [shape.flightSteps, shape.flightTensors.count])
      for index in runs.indices {
        let count = stepsOfRun[index].count * shape.flightTensors.count
        runs[index].flight?[keyPath: norm.inFlight] =
          Array(values[index * width..<index * width + count])
      }
    }
  }

  private static func create(in problem: borrowing HDF5Group) throws(HDF5Error) -> HDF5Group {
    let group = try problem.createGroup(name)
    try group.setAttribute("NX_class", "NXdata")
    try group.setAttribute("signal", TensorNorm.gradient.rawValue)
    try group.setAttribute("axes", [".", axis, "tensor"])
    return group
  }
}
