/// Part of a table: the training, validation or test examples, in a fixed order.
struct ExampleSet: Sendable {
  let table: ExampleTable
  /// The rows of the table that belong to the set.
  let rows: [Int32]

  var count: Int { rows.count }

  /// Writes the examples at `positions` of the set, features and labels, to the given memory.
  func gather(
    _ positions: UnsafeBufferPointer<Int32>, features: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<Int32>
  ) {
    gather(count: positions.count, features, labels) { Int(rows[Int(positions[$0])]) }
  }

  /// Writes the examples at a range of positions.
  func gather(
    _ positions: Range<Int>, features: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<Int32>
  ) {
    gather(count: positions.count, features, labels) { Int(rows[positions.lowerBound + $0]) }
  }

  /// The examples that are fetched from memory while another is copied.
  private static let ahead = 8

  @inline(__always)
  private func gather(
    count: Int, _ features: UnsafeMutablePointer<Float>, _ labels: UnsafeMutablePointer<Int32>,
    row: (Int) -> Int
  ) {
    // Labels first: the loop is short enough for the processor to wait for many rows at once, and
    // afterwards it knows where they are.
    for index in 0..<count { labels[index] = table.label(of: row(index)) }
    for index in 0..<min(Self.ahead, count) { table.prepare(row(index)) }
    for index in 0..<count {
      if index + Self.ahead < count { table.prepare(row(index + Self.ahead)) }
      table.copyFeatures(of: row(index), to: features + index * table.width)
    }
  }
}
