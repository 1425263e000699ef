internal import Files
internal import HDF5
internal import Records

/// The runs of a published result, for a process that adds none to it.
final class PublishedRuns: Sendable {
  private let path: String
  private let header: ExperimentHeader
  private let digest: String
  private let names: [RunKey]
  /// What determined each run.
  let identities: [RunKey: String]

  /// - Parameter header: What the experiment file says.
  /// - Returns: Nil where there is no result yet.
  /// - Throws: If it holds another experiment.
  init?(_ path: String, of header: ExperimentHeader) throws(StorageError) {
    let destination = try filing { () throws(FileError) in
      let destination = try Destination(path)
      try destination.requireFile()
      return destination
    }
    guard destination.isTaken else { return nil }
    let (found, keys, identities, digest) = try HDF5Library.exclusively {
      () throws(StorageError) in
      let reader = try ExperimentReader(path)
      return (reader.header, try reader.keys(), try reader.identities(), reader.contentDigest)
    }
    var growth = Growth(to: header)
    names = try growth.take(Array(zip(keys, identities)), of: found, file: path)
    self.identities = Dictionary(zip(names, identities)) { first, _ in first }
    self.header = growth.header
    self.digest = digest
    self.path = path
  }

  /// The runs called so, in this order; others are left out.
  ///
  /// - Throws: If the result has been replaced since it was looked at.
  func runs(_ keys: [RunKey]) throws(StorageError) -> [RunRecord] {
    let keys = keys.filter { identities[$0] != nil }
    guard !keys.isEmpty else { return [] }
    return try HDF5Library.exclusively { () throws(StorageError) in
      guard try ExperimentReader(path).contentDigest == digest else {
        throw StorageError(
          kind: .inUse, operation: "read", file: path, detail: "it was replaced meanwhile",
          advice: "try again")
      }
      let destination = try filing { () throws(FileError) in try Destination(path) }
      return try Publication(
        header: header, destination: destination, merged: names, kept: [:], recent: RecentRuns(),
        order: []
      ).runs(keys)
    }
  }
}
