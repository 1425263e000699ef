internal import HDF5
internal import Records

/// The group `update_traces` of a result file: what each method makes of a fixed sequence of gradients,
/// one row each.
enum UpdateTraceGroup {
  static let name = "update_traces"
  private static let dimension = "method"
  private static let parameters = "parameters"
  private static let sequence = "sequence"
  private static let rowShape = [UpdateTrace.steps + 1, UpdateTrace.coordinates.count]

  private static let texts:
    [(
      name: String, longName: String, property: any WritableKeyPath<UpdateTrace, String> & Sendable
    )] = [
      ("optimizer", "label of the optimizer", \.optimizer),
      ("clipping", "label of the clipping strategy", \.clipping),
      ("setting", "point of the optimizer's grid", \.setting),
    ]

  /// Writes the traces; nothing where there are none.
  static func write(_ traces: [UpdateTrace], to root: borrowing HDF5Group) throws(HDF5Error) {
    guard !traces.isEmpty else { return }
    let group = try root.createGroup(name)
    try group.setAttribute(sequence, Int32(UpdateTrace.sequence))
    let dimensions = Dimensions(scales: [
      try group.createScale(dimension, traces.indices.map { Int32($0) }, longName: "row, from 0"),
      try group.createScale(
        "updates", (0...UpdateTrace.steps).map { Int32($0) }, longName: "updates made"),
      try group.createScale(
        "coordinate", texts: UpdateTrace.coordinates, longName: "element of a made-up model"),
    ])
    let block = RunBlock(rows: 0..<traces.count, total: traces.count)
    for (name, longName, property) in texts {
      try group.write(
        RunVariable(name: name, longName: longName), texts: traces.map { $0[keyPath: property] },
        block: block, dimensions: dimensions)
    }
    try group.write(
      RunVariable(
        name: parameters, longName: "parameters under a fixed sequence of gradients", units: "1"),
      traces.flatMap(\.parameters), rank: 3, block: block, dimensions: dimensions, deflate: 4)
    for scale in dimensions.scales { try scale.finish() }
    try group.close()
  }

  /// Reads the traces; empty where none are stored, or those of another sequence.
  static func read(from root: borrowing HDF5Group) throws(HDF5Error) -> [UpdateTrace] {
    guard try root.contains(name), try PlanGroup.isOwn(name, in: root) else { return [] }
    let group = try root.group(name)
    guard try Int(group.attribute(sequence, as: Int32.self)) == UpdateTrace.sequence else {
      return []
    }
    let rows = 0..<(try group.dataset(dimension).rows)
    let numbers = try group.numbers(parameters, as: Float.self, rows: rows, rowShape: rowShape)
    let count = rowShape.reduce(1, *)
    var traces = rows.map { row in
      UpdateTrace(
        optimizer: "", clipping: "", setting: "",
        parameters: Array(numbers[row * count..<(row + 1) * count]))
    }
    for (name, _, property) in texts {
      let values = try group.texts(name, rows: rows)
      for row in rows { traces[row][keyPath: property] = values[row] }
    }
    return traces
  }
}
