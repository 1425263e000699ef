internal import HDF5
internal import Records

extension RunColumn {
  /// The variable's name and attributes.
  private var variable: RunVariable { RunVariable(name: name, longName: longName, units: units) }

  /// Writes the column's values of a block of runs.
  func write(
    _ runs: [RunRecord], block: RunBlock, dimensions: Dimensions,
    in group: borrowing HDF5Group
  ) throws(HDF5Error) {
    switch property {
    case .text(let path):
      let texts = runs.map { $0[keyPath: path] }
      try group.write(variable, texts: texts, block: block, dimensions: dimensions)
    case .int32(let path):
      var values: [Int32] = []
      for run in runs {
        guard let value = Int32(exactly: run[keyPath: path]) else {
          throw HDF5Error(
            operation: "write", file: group.file, object: "\(group.path)/\(name)",
            detail: "\(run[keyPath: path]) of the run \(run.key.run) does not fit into 32 bits")
        }
        values.append(value)
      }
      try write(values, padding: none, block: block, dimensions: dimensions, in: group)
    case .int64(let path):
      let values = runs.map { $0[keyPath: path] }
      try write(values, block: block, dimensions: dimensions, in: group)
    case .float64(let path):
      let values = runs.map { $0[keyPath: path] }
      try write(values, block: block, dimensions: dimensions, in: group)
    case .flag(let path):
      let values = runs.map { $0[keyPath: path] ? Int8(1) : 0 }
      try write(values, block: block, dimensions: dimensions, in: group)
    }
  }

  /// Reads the column's values of `rows` into `runs`.
  func read(
    _ rows: Range<Int>, into runs: inout [RunRecord], from group: borrowing HDF5Group
  ) throws(HDF5Error) {
    // A file from before there was such a column says nothing about it.
    if !isOfFirstFormat { guard try group.contains(name) else { return } }
    switch property {
    case .text(let path):
      let values = try group.texts(name, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = values[index] }
    case .int32(let path):
      let values = try group.numbers(name, as: Int32.self, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = Int(values[index]) }
    case .int64(let path):
      let values = try group.numbers(name, as: Int64.self, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = values[index] }
    case .float64(let path):
      let values = try group.numbers(name, as: Double.self, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = values[index] }
    case .flag(let path):
      let values = try group.numbers(name, as: Int8.self, rows: rows)
      for index in runs.indices { runs[index][keyPath: path] = values[index] == 1 }
    }
  }

  private func write<Element: HDF5Element>(
    _ values: [Element], padding: Element? = nil, block: RunBlock, dimensions: Dimensions,
    in group: borrowing HDF5Group
  ) throws(HDF5Error) {
    try group.write(
      variable, values, padding: padding, rank: 1, block: block, dimensions: dimensions, deflate: 0)
  }
}
