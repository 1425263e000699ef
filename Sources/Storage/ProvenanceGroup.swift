internal import HDF5
internal import Records

/// The group `provenance` of a result file whose runs were made at several places: one row for each place,
/// and along `run` the row of each run. Where there is one place, the attributes of the root say it.
enum ProvenanceGroup {
  static let name = "provenance"
  private static let dimension = "origin"
  private static let cores = "cores"
  private static let flushDenormals = "flush_denormals"

  /// The row of a run.
  static let row = RunVariable(
    name: name, longName: "row of the group provenance: where and with what the run was made",
    units: "1")

  /// Writes the places; nothing where there is but one.
  static func write(_ all: [Provenance], to root: borrowing HDF5Group) throws(HDF5Error) {
    guard all.count > 1 else { return }
    let group = try root.createGroup(name)
    let dimensions = Dimensions(scales: [
      try group.createScale(dimension, all.indices.map { Int32($0) }, longName: "row, from 0")
    ])
    let block = RunBlock(rows: 0..<all.count, total: all.count)
    for (name, property) in HeaderAttributes.provenance {
      try group.write(
        RunVariable(name: name, longName: "\(name) of the program that made the run"),
        texts: all.map { $0[keyPath: property] }, block: block, dimensions: dimensions)
    }
    try group.write(
      RunVariable(name: cores, longName: "processor cores in use", units: "1"),
      all.map { Int32(clamping: $0.cores) }, rank: 1, block: block, dimensions: dimensions,
      deflate: 0)
    try group.write(
      RunVariable(
        name: flushDenormals, longName: "whether denormal numbers counted as zero (1) or not (0)"),
      all.map { $0.flushDenormals ? Int8(1) : 0 }, rank: 1, block: block, dimensions: dimensions,
      deflate: 0)
    for scale in dimensions.scales { try scale.finish() }
    try group.close()
  }

  /// Reads the places; empty where there is but one.
  static func read(from root: borrowing HDF5Group) throws(HDF5Error) -> [Provenance] {
    guard try root.contains(name), try PlanGroup.isOwn(name, in: root) else { return [] }
    let group = try root.group(name)
    var all = Array(repeating: Provenance(), count: try group.dataset(dimension).rows)
    let rows = all.indices
    for (name, property) in HeaderAttributes.provenance {
      let texts = try group.texts(name, rows: rows)
      for row in rows { all[row][keyPath: property] = texts[row] }
    }
    let cores = try group.numbers(cores, as: Int32.self, rows: rows)
    let flushed = try group.numbers(flushDenormals, as: Int8.self, rows: rows)
    for row in rows {
      all[row].cores = Int(cores[row])
      all[row].flushDenormals = flushed[row] != 0
    }
    return all
  }
}
