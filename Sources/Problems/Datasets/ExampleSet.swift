/// Part of a table: the training, validation or test examples, in a fixed order.
struct ExampleSet: Sendable {
  let table: ExampleTable
  /// The rows of the table that belong to the set.
  var rows: [Int32]
  /// What is done to the features of each example, if anything.
  var scaling: FeatureScaling?

  var count: Int { rows.count }

  /// Writes the examples at `positions` of the set to the given memory: features, and classes or
  /// values, whichever the table has; nil for what is not wanted.
  func gather(
    _ positions: UnsafeBufferPointer<Int32>, features: UnsafeMutablePointer<Float>?,
    labels: UnsafeMutablePointer<Int32>?, values: UnsafeMutablePointer<Float>?
  ) {
    gather(count: positions.count, features, labels, values) { Int(rows[Int(positions[$0])]) }
  }

  /// Writes the examples at a range of positions.
  func gather(
    _ positions: Range<Int>, features: UnsafeMutablePointer<Float>?,
    labels: UnsafeMutablePointer<Int32>?, values: UnsafeMutablePointer<Float>?
  ) {
    gather(count: positions.count, features, labels, values) {
      Int(rows[positions.lowerBound + $0])
    }
  }

  /// The examples that are fetched from memory while another is copied.
  private static let ahead = 8

  @inline(__always)
  private func gather(
    count: Int, _ features: UnsafeMutablePointer<Float>?, _ labels: UnsafeMutablePointer<Int32>?,
    _ values: UnsafeMutablePointer<Float>?, row: (Int) -> Int
  ) {
    let width = table.targetWidth
    // Targets first: the loop is short enough for the processor to wait for many rows at once, and
    // afterwards it knows where they are.
    if let values, table.hasValues {
      for index in 0..<count { table.copyValues(of: row(index), to: values + index * width) }
    } else if let labels, !table.hasValues {
      if width == 1 {
        for index in 0..<count { labels[index] = table.label(of: row(index)) }
      } else {
        for index in 0..<count { table.copyLabels(of: row(index), to: labels + index * width) }
      }
    }
    guard let features else { return }
    for index in 0..<min(Self.ahead, count) { table.prepare(row(index)) }
    for index in 0..<count {
      if index + Self.ahead < count { table.prepare(row(index + Self.ahead)) }
      table.copyFeatures(of: row(index), to: features + index * table.width)
    }
    scaling?.apply(to: features, examples: count)
  }
}
