internal import HDF5
internal import Records

/// The datasets of one recording of a problem's runs: one for each quantity, along `run`, the rows and,
/// where each row holds a value for each tensor, `tensor`.
///
/// - `steps` share the problem's `step`; the text `recorded` tells which runs have a recording of
///   their own.
/// - `evaluations` lie along `evaluation_step`, the union of all runs' steps. A run that was not
///   evaluated at one has −1 as its count of gradient evaluations there.
/// - `lastSteps` lie along `flight_step_index`; `flight_step` says at which step each was recorded.
///
/// Quantities that are not built in are named in the group's attribute `recordings`; the text of the same
/// name along `run` says which of them a run has.
struct RecordingGroup {
  static let declaration = "recordings"
  /// The names of datasets that hold no quantity.
  static let ownNames = [
    "evaluation_step", "flight_step", "flight_step_index", "tensor", "recorded", declaration,
  ]

  let kind: RecordingKind
  let room: RecordingRoom

  private static let furtherNames = RunVariable(
    name: declaration, longName: "which of the declared recordings the run has, by name")
  static let recorded = RunVariable(
    name: "recorded", longName: "whether the run recorded its tensors (1) or not (0)")
  static let flightStep = RunVariable(
    name: "flight_step", longName: "step of the recording; -1 where there is none", units: "1")

  /// Names the further quantities of the problem's own recording in its attributes.
  func declare(in group: borrowing HDF5Group) throws(HDF5Error) {
    let further = room.ordered(kind).further
    if further.isEmpty { return }
    try group.setAttribute(Self.declaration, further.map(\.name).joined(separator: " "))
  }

  func write(
    _ runs: [RunRecord], block: RunBlock, dimensions outer: Dimensions, deflate: Int,
    in problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    guard room.isPresent else { return }
    let recordings = runs.map { kind.storedRecording(of: $0) }
    if kind.isPerTensor {
      for (recording, run) in zip(recordings, runs)
      where recording.map({ $0.tensors != room.tensors }) == true {
        throw HDF5Error(
          operation: "write", file: problem.file, object: problem.path,
          detail: "the run \(run.key.run) recorded other tensors than the runs before it")
      }
    }
    if kind.group.isEmpty {
      return try writeQuantities(
        recordings, block: block, dimensions: outer, deflate: deflate, in: problem)
    }
    let group = try block.isFirst ? create(in: problem) : problem.group(kind.group)
    let scales = try ownScales(of: group, block: block)
    let dimensions = Dimensions(
      scales: (kind.rows == .steps ? outer.scales : [outer.scales[0]]) + scales,
      coordinates: outer.coordinates)
    switch kind.rows {
    case .steps:
      try group.write(
        Self.recorded, recordings.map { $0 == nil ? Int8(0) : 1 }, rank: 1, block: block,
        dimensions: dimensions, deflate: 0)
    case .lastSteps:
      try group.write(
        Self.flightStep, padded(recordings.map { $0?.steps ?? [] }, width: room.rowCount, with: -1),
        padding: -1, rank: 2, block: block, dimensions: dimensions, deflate: deflate)
    case .evaluations: break
    }
    try writeQuantities(
      recordings, block: block, dimensions: dimensions, deflate: deflate, in: group)
    if block.isFirst {
      for scale in scales { try scale.finish() }
    }
    try group.close()
  }

  private func writeQuantities(
    _ recordings: [Recording?], block: RunBlock, dimensions: Dimensions, deflate: Int,
    in group: borrowing HDF5Group
  ) throws(HDF5Error) {
    let (builtIn, further) = room.ordered(kind)
    let cells =
      kind.rows == .evaluations
      ? recordings.map { places(of: $0?.steps ?? [], in: room.steps) } : nil
    func write<Element: HDF5Element & BitwiseCopyable>(
      _ quantity: Quantity, padding: Element, in group: borrowing HDF5Group,
      _ values: (RecordedNumbers) -> [Element]
    ) throws(HDF5Error) {
      let rows = recordings.map { $0?[quantity.name].map(values) ?? [] }
      let width = room.rowCount * (kind.isPerTensor ? room.tensors.count : 1)
      try group.write(
        RunVariable(name: quantity.name, longName: quantity.longName, units: quantity.units),
        cells.map { scattered(rows, to: $0, width: width, padding: padding) }
          ?? padded(rows, width: width, with: padding),
        padding: padding, rank: kind.isPerTensor ? 3 : 2, block: block, dimensions: dimensions,
        deflate: deflate)
    }
    for quantity in builtIn {
      switch quantity.number {
      case .float32: try write(quantity, padding: Float.nan, in: group) { $0.floats }
      case .float64: try write(quantity, padding: Double.nan, in: group) { $0.doubles }
      case .int8: try write(quantity, padding: Int8(-1), in: group) { $0.bytes8 }
      case .int64: try write(quantity, padding: Int64(-1), in: group) { $0.integers }
      }
    }
    if further.isEmpty { return }
    let declared = Set(further.map(\.name))
    try group.write(
      Self.furtherNames,
      texts: recordings.map { recording in
        (recording?.series ?? []).map(\.quantity.name).filter(declared.contains)
          .joined(separator: " ")
      }, block: block, dimensions: dimensions)
    for quantity in further {
      try write(quantity, padding: Float.nan, in: group) { $0.floats }
    }
  }

  /// The dimension scales that the group has for itself, those of its rows first.
  private func ownScales(
    of group: borrowing HDF5Group, block: RunBlock
  ) throws(HDF5Error) -> [Scale] {
    var scales: [Scale] = []
    if let axis = kind.axis {
      let isFlight = kind.rows == .lastSteps
      scales.append(
        try block.isFirst
          ? group.createScale(
            axis, isFlight ? (0..<room.rowCount).map { Int32($0) } : room.steps,
            longName: isFlight ? "recording, oldest first" : "updates before the evaluation")
          : group.scale(axis))
    }
    if kind.isPerTensor {
      scales.append(
        try block.isFirst
          ? group.createScale("tensor", texts: room.tensors, longName: "name of the tensor")
          : group.scale("tensor"))
    }
    return scales
  }

  private func create(in problem: borrowing HDF5Group) throws(HDF5Error) -> HDF5Group {
    let group = try problem.createGroup(kind.group)
    let (builtIn, further) = room.ordered(kind)
    let all = builtIn + further
    let signal = all.first { $0.name == EvaluationMetric.validationLoss.rawValue } ?? all.first
    try group.setAttribute("NX_class", "NXdata")
    try group.setAttribute("signal", signal?.name ?? "")
    let rows = kind.axis ?? "step"
    try group.setAttribute("axes", kind.isPerTensor ? [".", rows, "tensor"] : [".", rows])
    try declare(in: group)
    return group
  }
}

extension RecordingKind {
  /// The dimension of its rows; nil where it shares the problem's `step`.
  var axis: String? {
    switch rows {
    case .steps: nil
    case .evaluations: "evaluation_step"
    case .lastSteps: "flight_step_index"
    }
  }
}

extension RecordedNumbers {
  fileprivate var floats: [Float] { if case .float32(let values) = self { values } else { [] } }
  fileprivate var doubles: [Double] { if case .float64(let values) = self { values } else { [] } }
  fileprivate var bytes8: [Int8] { if case .int8(let values) = self { values } else { [] } }
  fileprivate var integers: [Int64] { if case .int64(let values) = self { values } else { [] } }
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
