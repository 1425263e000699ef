internal import HDF5
internal import Records

/// What runs recorded at every step besides the series that every run has: a dataset each along `run`
/// and `step`, named in the attribute `recordings` of the problem. The text of the same name along `run` says which of
/// them a run has; the others are NaN for it.
enum FurtherSeries {
  static let attribute = "recordings"
  static let recorded = RunVariable(
    name: attribute, longName: "which of the problem's recordings the run has, by name")

  /// Names the quantities in the problem's attributes.
  static func declare(
    _ quantities: [Quantity], in problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    if quantities.isEmpty { return }
    try problem.setAttribute(attribute, quantities.map(\.name).joined(separator: " "))
  }

  static func write(
    _ runs: [RunRecord], _ shape: ProblemShape, block: RunBlock, dimensions: Dimensions,
    deflate: Int, in problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    if shape.further.isEmpty { return }
    try problem.write(
      recorded,
      texts: runs.map { $0.trajectory.further.map(\.quantity.name).joined(separator: " ") },
      block: block, dimensions: dimensions)
    for quantity in shape.further {
      try problem.write(
        RunVariable(name: quantity.name, longName: quantity.longName, units: quantity.units),
        padded(runs.map { $0.trajectory[quantity] ?? [] }, width: shape.steps, with: .nan),
        padding: .nan, rank: 2, block: block, dimensions: dimensions, deflate: deflate)
    }
  }

  static func readShape(
    _ shape: inout ProblemShape, from problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    guard try problem.hasAttribute(attribute) else { return }
    for name in try problem.textAttribute(attribute).split(separator: " ").map(String.init) {
      let dataset = try problem.dataset(name)
      shape.further.append(
        Quantity(
          name: name, longName: try dataset.textAttribute("long_name"),
          units: try dataset.textAttribute("units")))
    }
  }

  static func read(
    into runs: inout [RunRecord], rows: Range<Int>, shape: ProblemShape,
    from problem: borrowing HDF5Group
  ) throws(HDF5Error) {
    if shape.further.isEmpty { return }
    let names = try problem.texts(recorded.name, rows: rows).map { $0.split(separator: " ") }
    for quantity in shape.further {
      let values = try problem.numbers(
        quantity.name, as: Float.self, rows: rows, rowShape: [shape.steps])
      for index in runs.indices where names[index].contains(Substring(quantity.name)) {
        let start = index * shape.steps
        let own = values[start..<start + runs[index].trajectory.steps]
        runs[index].trajectory.further.append(RecordedSeries(quantity, Array(own)))
      }
    }
  }
}
