internal import HDF5

/// A dataset of the schema whose first dimension is `run`.
struct RunVariable {
  let name: String
  /// What it holds, for people: the CF attribute `long_name`.
  let longName: String
  /// The unit as in CF: `1` for a number without one, `s`, `bytes`; empty for texts and flags.
  var units = ""
}

extension HDF5Group {
  /// Writes a block of numbers, creating the dataset with the first block.
  ///
  /// - Parameters:
  ///   - padding: What stands where there is no value. An integer is named in the CF attribute
  ///     `_FillValue`, so that other programs do not take it for a number; NaN needs no name.
  ///   - rank: The number of dimensions: `run` alone, or with the further ones.
  func write<Element: HDF5Element>(
    _ variable: RunVariable, _ values: [Element], padding: Element? = nil, rank: Int,
    block: RunBlock, dimensions: Dimensions, deflate: Int
  ) throws(HDF5Error) {
    guard block.isFirst else {
      let dataset = try dataset(variable.name)
      try dataset.write(values, rows: block.rows)
      return try dataset.close()
    }
    let shape = dimensions.shape(rank: rank)
    let dataset = try createDataset(
      variable.name, of: Element.self, shape: shape,
      layout: layout(of: shape, deflate: deflate),
      fill: padding)
    try dimensions.attach(to: dataset)
    try dataset.describe(variable, coordinates: rank > 1 ? dimensions.coordinates : [])
    if let padding, padding is any BinaryInteger {
      try dataset.setAttribute("_FillValue", padding)
    }
    try dataset.write(values, rows: block.rows)
    try dataset.close()
  }

  /// Writes a block of texts, creating the dataset with the first block.
  func write(
    _ variable: RunVariable, texts: [String], block: RunBlock,
    dimensions: Dimensions
  ) throws(HDF5Error) {
    guard block.isFirst else {
      let dataset = try dataset(variable.name)
      try dataset.write(texts: texts, rows: block.rows)
      return try dataset.close()
    }
    let dataset = try createTextDataset(variable.name, count: block.total)
    try dimensions.attach(to: dataset)
    try dataset.describe(variable)
    try dataset.write(texts: texts, rows: block.rows)
    try dataset.close()
  }

  /// Creates the dimension scale `name` with the given coordinates.
  func createScale(
    _ name: String, _ coordinates: [Int32], longName: String
  ) throws(HDF5Error) -> Scale {
    let scale = try createDataset(
      name, of: Int32.self, shape: [coordinates.count],
      layout: .contiguous)
    try scale.write(coordinates)
    try scale.makeDimensionScale(name)
    try scale.describe(RunVariable(name: name, longName: longName, units: "1"))
    return try Scale(scale)
  }

  /// Creates the dimension scale `name` whose coordinates are texts.
  func createScale(
    _ name: String, texts: [String], longName: String
  ) throws(HDF5Error) -> Scale {
    let scale = try createTextDataset(name, count: texts.count)
    try scale.write(texts: texts)
    try scale.makeDimensionScale(name)
    try scale.describe(RunVariable(name: name, longName: longName))
    return try Scale(scale)
  }
}

extension HDF5Group {
  /// Opens the dimension scale `name`.
  func scale(_ name: String) throws(HDF5Error) -> Scale { try Scale(dataset(name)) }
}

extension HDF5Dataset {
  /// Adds the attributes of `variable`.
  func describe(_ variable: RunVariable, coordinates: [String] = []) throws(HDF5Error) {
    try setAttribute("long_name", variable.longName)
    if !variable.units.isEmpty { try setAttribute("units", variable.units) }
    if !coordinates.isEmpty {
      try setAttribute("coordinates", coordinates.joined(separator: " "))
    }
  }
}

/// One-dimensional datasets lie in one piece, never in the header: R's ncdf4 refuses a file with a
/// dataset that does. Others lie in chunks of up to 64 runs × 1,024 steps;
/// with tensors as third dimension, of as many runs as keep the chunk below 64 Ki values. A chunk's
/// rows divide a block's, so that no chunk is written twice.
private func layout(of shape: [Int], deflate: Int) -> HDF5Layout {
  let count = shape.reduce(1, *)
  if shape.count == 1 || count == 0 { return .contiguous }
  var chunk = shape
  chunk[1] = min(shape[1], shape.count == 2 ? 1024 : 256)
  var rows = RunBlock.size
  if shape.count > 2 {
    let rowSize = chunk.dropFirst().reduce(1, *)
    while rows > 1, rows * rowSize > 65536 { rows /= 2 }
  }
  chunk[0] = min(shape[0], rows)
  return .chunked(chunk, deflate: deflate)
}

/// Rows of different lengths side by side in one block, filled up to `width` with `padding`.
func padded<Element: BitwiseCopyable>(
  _ rows: [[Element]], width: Int, with padding: Element
) -> [Element] {
  [Element](unsafeUninitializedCapacity: rows.count * width) { buffer, count in
    guard let base = buffer.baseAddress, width > 0 else { return }
    for (index, row) in rows.enumerated() {
      let start = base + index * width
      let filled = min(row.count, width)
      row.withUnsafeBufferPointer { source in
        if let source = source.baseAddress { start.initialize(from: source, count: filled) }
      }
      (start + filled).initialize(repeating: padding, count: width - filled)
    }
    count = rows.count * width
  }
}
