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
    for (index, position) in positions.enumerated() {
      copy(Int(position), to: index, features, labels)
    }
  }

  /// Writes the examples of a range of positions.
  func gather(
    _ positions: Range<Int>, features: UnsafeMutablePointer<Float>,
    labels: UnsafeMutablePointer<Int32>
  ) {
    for (index, position) in positions.enumerated() { copy(position, to: index, features, labels) }
  }

  private func copy(
    _ position: Int, to index: Int, _ features: UnsafeMutablePointer<Float>,
    _ labels: UnsafeMutablePointer<Int32>
  ) {
    let row = Int(rows[position])
    table.copyFeatures(of: row, to: features + index * table.width)
    labels[index] = table.label(of: row)
  }
}
