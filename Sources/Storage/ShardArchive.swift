public import Records

/// The archive of a shard: a result of its own beside the experiment's, whose runs count as finished and are only
/// read. Shards of the same experiment write at the same time and meet in no file.
public final class ShardArchive: RunStore {
  /// The shard's own result.
  public let path: String
  /// What was found that could not be used, one sentence each.
  public var warnings: [String] { own.warnings }

  private let own: RunArchive
  /// The experiment's result, as it was when the archive was opened.
  private let result: PublishedRuns?

  /// - Parameters:
  ///   - result: The path of the experiment's result, which need not be there yet.
  ///   - keepsRuns: Whether the journals stay after their runs have been published.
  /// - Throws: As an archive does; of the kind `inUse` if the same shard is trained by another process.
  public init(
    _ shard: Shard, of result: String, header: ExperimentHeader, keepsRuns: Bool = false
  ) throws(StorageError) {
    path = shard.path(of: result)
    self.result = try PublishedRuns(result, of: header)
    own = try RunArchive(path: path, header: header, keepsRuns: keepsRuns)
  }

  /// Tells whoever watches the shard's result how far it is.
  public func say(_ progress: WriterProgress) { own.say(progress) }

  public func finishedRuns() throws(StorageError) -> Set<RunKey> {
    try own.finishedRuns().union(result?.identities.keys.map { $0 } ?? [])
  }

  public func extend(by round: [PlanEntry]) throws(StorageError) -> Set<RunKey> {
    let kept = try own.extend(by: round)
    let published = round.filter { result?.identities[$0.key] == $0.identity }.map(\.key)
    return kept.union(published)
  }

  public func runs(_ keys: [RunKey]) throws(StorageError) -> [RunRecord] {
    let published = try result?.runs(keys) ?? []
    let known = Set(published.map(\.key))
    let kept = try own.runs(keys.filter { !known.contains($0) })
    let found = Dictionary((published + kept).map { ($0.key, $0) }) { first, _ in first }
    return keys.compactMap { found[$0] }
  }

  public func keep(_ run: RunRecord) throws(StorageError) { try own.keep(run) }

  public func keep(_ checkpoint: RunCheckpoint) throws(StorageError) { try own.keep(checkpoint) }

  public func checkpoint(of run: RunRecord) -> RunCheckpoint? { own.checkpoint(of: run) }

  /// Publishes the shard's own runs; without any there is nothing to publish.
  public func publish(order: [RunKey]) throws(StorageError) {
    let finished = try own.finishedRuns()
    guard !finished.isEmpty else { return }
    try own.publish(order: order.filter { finished.contains($0) })
  }
}
