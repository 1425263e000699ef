internal import Files
public import Records

/// The gathering of shards in the experiment's result.
public struct ShardMerger {
  private let path: String
  private let header: ExperimentHeader
  /// Shards that are there and could not be taken in, one sentence each.
  public private(set) var notices: [String] = []

  /// - Parameters:
  ///   - path: The experiment's result.
  ///   - header: What the experiment file says.
  public init(into path: String, header: ExperimentHeader) {
    self.path = path
    self.header = header
  }

  /// Keeps the runs of all shards in `archive`, that of the result: those that they have published, and those
  /// that a shard which died had finished. Nothing is published yet.
  ///
  /// A shard that another process is writing is left for the next time.
  ///
  /// - Throws: If a shard holds another experiment, or a run that is not the same as one that is kept.
  public mutating func gather(into archive: RunArchive) throws(StorageError) {
    for shard in try Self.paths(of: path) {
      do throws(StorageError) {
        try take(shard, into: archive)
      } catch {
        guard error.kind == .inUse else { throw error }
        notices.append("\(error.file): \(error.detail); its runs are not taken in yet")
      }
    }
  }

  /// Removes the shards whose runs are all in the result that `archive` has published.
  public func removeGathered(from archive: RunArchive) throws(StorageError) {
    let published = try archive.finishedRuns()
    for shard in try Self.paths(of: path) {
      guard let other = try? RunArchive(path: shard, header: header),
        try other.finishedRuns().isSubset(of: published)
      else { continue }
      try other.remove()
    }
    removeFolderIfEmpty(Shard.folder(of: path))
  }

  private func take(_ shard: String, into archive: RunArchive) throws(StorageError) {
    let other = try RunArchive(path: shard, header: header, keepsRuns: true)
    let known = try archive.finishedRuns()
    let keys = try other.finishedRuns().sorted { ($0.problem, $0.run) < ($1.problem, $1.run) }
    for start in stride(from: 0, to: keys.count, by: Self.batch) {
      let batch = Array(keys[start..<min(start + Self.batch, keys.count)])
      let own = try archive.runs(batch.filter { known.contains($0) })
      let digests = Dictionary(own.map { ($0.key, $0.contentDigest) }) { first, _ in first }
      for run in try other.runs(batch) {
        guard let digest = digests[run.key] else {
          try archive.keep(run)
          continue
        }
        guard digest == run.contentDigest else {
          throw StorageError(
            kind: .otherSpec, operation: "merge", file: shard,
            detail: "the run '\(run.key.run)' on \(run.key.problem) is not the same as in \(path)",
            advice: "merge results of the same program and kind of machine only")
        }
      }
    }
  }

  private static let batch = 256

  /// The results of shards, there or still in journals.
  private static func paths(of result: String) throws(StorageError) -> [String] {
    let folder = Shard.folder(of: result)
    let names = try filing { () throws(FileError) in try fileNames(in: folder) }
    let stems = names.compactMap { name -> String? in
      guard !name.hasPrefix("."), let ending = [".h5", ".runs"].first(where: name.hasSuffix) else {
        return nil
      }
      return String(name.dropLast(ending.count))
    }
    return Set(stems).sorted().map { "\(folder)/\($0).h5" }
  }
}
