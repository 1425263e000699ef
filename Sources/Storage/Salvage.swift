internal import Files
internal import HDF5
internal import Records

extension RunArchive {
  /// Keeps the intact runs of the file at `path`, whose seal is gone or does not match, in an archive at `target`, and publishes
  /// them there.
  ///
  /// The HDF5 library may crash, wait for ever or use up the memory meanwhile: to be called in a
  /// process of its own, with limits, once more with the row after the one that ended it.
  ///
  /// - Parameters:
  ///   - first: The row to begin with; those before it were tried.
  ///   - willRead: Called with each row before it is read.
  /// - Returns: The rows that the file has.
  public static func salvage(
    _ path: String, into target: String, from first: Int, willRead: (Int) -> Void
  ) throws(StorageError) -> Int {
    let hasSeal = try filing { () throws(FileError) in
      let file = try PlainFile(path)
      if case .failure = try FileSeal.check(file) { return true }
      return false
    }
    let (header, counts) = try HDF5Library.exclusively { () throws(StorageError) in
      let reader = try ExperimentReader(path, isSealed: false)
      // Whoever adds to a file takes its seal off. One that does not match was damaged, anywhere.
      if hasSeal { try reader.verifyHeader() }
      return (reader.header, reader.runCounts)
    }
    let archive = try RunArchive(path: target, header: header, keepsRuns: true)
    var row = 0
    var order: [RunKey] = []
    for (problem, count) in counts.enumerated() {
      for index in 0..<count {
        defer { row += 1 }
        guard row >= first else { continue }
        willRead(row)
        let run = try? HDF5Library.exclusively { () throws(StorageError) in
          try ExperimentReader(path, isSealed: false).intactRun(ofProblem: problem, row: index)
        }
        guard let run else { continue }
        try archive.keep(run)
        order.append(run.key)
      }
    }
    willRead(row)
    try archive.publish(order: order)
    return row
  }

  /// Puts a copy of the sealed file at `source` in the place of the one at `path`.
  public static func replace(_ path: String, byCopyOf source: String) throws(StorageError) {
    try filing { () throws(FileError) in
      var file = try WholeFile(Destination(path), replacing: .whatWasSeen)
      let original = try PlainFile(source)
      var place = 0
      while place < original.size {
        let block = try original.bytes(from: place, count: 1 << 20)
        guard !block.isEmpty else { break }
        try file.append(block)
        place += block.count
      }
      _ = try file.publish()
    }
  }
}
