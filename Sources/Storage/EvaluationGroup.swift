internal import HDF5
internal import Records

/// `evaluation/`: what was measured between steps, along `run` and `evaluation_step`. A run that was
/// not evaluated at a step has NaN there, and −1 as its count of gradient evaluations. Losses are
/// Float32 numbers, accuracies Float64 (Float32 in files of earlier versions).
enum EvaluationGroup {
  static let name = "evaluation"
  private static let axis = "evaluation_step"
  private static let elapsed = RunVariable(
    name: "elapsed_seconds", longName: "time since the run began, evaluations included", units: "s")
  private static let count = RunVariable(
    name: "evaluation_gradient_evaluations",
    longName: "gradients computed before the evaluation; -1 where the run was not evaluated",
    units: "1")

  static func write(
    _ runs: [RunRecord], _ shape: ProblemShape, block: RunBlock, dimensions outer: Dimensions,
    deflate: Int, in problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    let group = try block.isFirst ? create(in: problem, shape) : problem.group(name)
    let step =
      try block.isFirst
      ? group.createScale(axis, shape.evaluationSteps, longName: "updates before the evaluation")
      : group.scale(axis)
    let dimensions = Dimensions(scales: [outer.scales[0], step], coordinates: outer.coordinates)
    let cells = runs.map { places(of: $0.evaluations.steps, in: shape.evaluationSteps) }
    for metric in EvaluationMetric.allCases where shape.hasMetric[metric.index] {
      let longName = metric.rawValue.replacing("_", with: " ")
      let variable = RunVariable(name: metric.rawValue, longName: longName, units: "1")
      let values = scattered(
        runs.map(\.evaluations).map { $0[metric] }, to: cells, width: shape.evaluationSteps.count,
        padding: .nan)
      if metric.isAccuracy {
        try group.write(
          variable, values, padding: .nan, rank: 2, block: block, dimensions: dimensions,
          deflate: deflate)
      } else {
        try group.write(
          variable, values.map(Float.init), padding: .nan, rank: 2, block: block,
          dimensions: dimensions, deflate: deflate)
      }
    }
    try group.write(
      elapsed,
      scattered(
        runs.map(\.evaluations.elapsedSeconds), to: cells, width: shape.evaluationSteps.count,
        padding: .nan), padding: .nan, rank: 2, block: block, dimensions: dimensions,
      deflate: deflate)
    try group.write(
      count,
      scattered(
        runs.map(\.evaluations.gradientEvaluations), to: cells,
        width: shape.evaluationSteps.count, padding: -1), padding: -1, rank: 2, block: block,
      dimensions: dimensions, deflate: deflate)
    if block.isFirst { try step.finish() }
    try group.close()
  }

  static func readShape(
    _ shape: inout ProblemShape, from problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    guard try problem.contains(name) else { return }
    let group = try problem.group(name)
    shape.evaluationSteps = try group.dataset(axis).read(as: Int32.self)
    for metric in EvaluationMetric.allCases {
      shape.hasMetric[metric.index] = try group.contains(metric.rawValue)
    }
  }

  static func read(
    into runs: inout [RunRecord], rows: Range<Int>, shape: ProblemShape,
    from problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    guard !shape.evaluationSteps.isEmpty else { return }
    let width = shape.evaluationSteps.count
    let group = try problem.group(name)
    let counts = try group.numbers(count.name, as: Int64.self, rows: rows, rowShape: [width])
    let seconds = try group.numbers(elapsed.name, as: Double.self, rows: rows, rowShape: [width])
    let places = runs.indices.map { index in
      (0..<width).filter { counts[index * width + $0] >= 0 }
    }
    for index in runs.indices {
      let cells = places[index].map { index * width + $0 }
      runs[index].evaluations.steps = places[index].map { shape.evaluationSteps[$0] }
      runs[index].evaluations.gradientEvaluations = cells.map { counts[$0] }
      runs[index].evaluations.elapsedSeconds = cells.map { seconds[$0] }
    }
    for metric in EvaluationMetric.allCases {
      let values =
        shape.hasMetric[metric.index]
        ? try group.numbers(metric.rawValue, as: Double.self, rows: rows, rowShape: [width]) : nil
      for index in runs.indices {
        runs[index].evaluations[metric] = places[index].map { values?[index * width + $0] ?? .nan }
      }
    }
  }

  private static func create(
    in problem: borrowing HDF5Group, _ shape: ProblemShape
  ) throws(HDF5Error) -> HDF5Group {
    let group = try problem.createGroup(name)
    let metrics = EvaluationMetric.allCases.filter { shape.hasMetric[$0.index] }
    let signal = metrics.first { $0 == .validationLoss } ?? metrics.first
    try group.setAttribute("NX_class", "NXdata")
    try group.setAttribute("signal", signal?.rawValue ?? count.name)
    try group.setAttribute("axes", [".", axis])
    return group
  }
}

/// The places of the increasing `steps` in the increasing `all`, which holds each of them.
private func places(of steps: [Int32], in all: [Int32]) -> [Int] {
  if steps == all { return Array(all.indices) }
  var places: [Int] = []
  var place = 0
  for step in steps {
    while place < all.count, all[place] != step { place += 1 }
    precondition(place < all.count, "the evaluations of a run are not in increasing order")
    places.append(place)
  }
  return places
}

/// Rows of `width` values, with the values of each row at their places.
private func scattered<Element>(
  _ rows: [[Element]], to places: [[Int]], width: Int, padding: Element
) -> [Element] {
  var result = [Element](repeating: padding, count: rows.count * width)
  for (index, row) in rows.enumerated() {
    for (value, place) in zip(row, places[index]) { result[index * width + place] = value }
  }
  return result
}
