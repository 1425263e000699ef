/// Where a block of runs lies among all runs of a problem.
struct RunBlock {
  /// The number of runs that are read or written at once.
  static let size = 64

  let rows: Range<Int>
  /// The number of runs of the problem.
  let total: Int

  /// Whether the datasets are still to be created.
  var isFirst: Bool { rows.lowerBound == 0 }

  /// The blocks of `total` runs.
  static func all(of total: Int) -> [RunBlock] {
    stride(from: 0, to: total, by: size).map { start in
      RunBlock(rows: start..<min(start + size, total), total: total)
    }
  }
}
