/// Where finished runs are kept, and from where an interrupted experiment goes on.
///
/// One process at a time owns a store.
public protocol RunStore: Sendable {
  /// The runs of this experiment that are already kept, whole and made by the same spec.
  func finishedRuns() throws -> Set<RunKey>

  /// Adds a round of runs to the plan that the store was opened with.
  ///
  /// - Returns: Those of them that are kept already.
  func extend(by round: [PlanEntry]) throws -> Set<RunKey>

  /// The kept runs called so, in this order; others are left out.
  func runs(_ keys: [RunKey]) throws -> [RunRecord]

  /// Keeps one finished run; it appears whole or not at all. May be called from any thread.
  func keep(_ run: RunRecord) throws

  /// Keeps the state of a run on its way, in place of an earlier one. May be called from any thread.
  func keep(_ checkpoint: RunCheckpoint) throws

  /// The last checkpoint that was kept of the unfinished run that `run` identifies, if one can be read
  /// that the same program has made on the same kind of machine. May be called from any thread.
  func checkpoint(of run: RunRecord) throws -> RunCheckpoint?

  /// Publishes the kept runs as one result, in the given order; runs not kept are left out.
  func publish(order: [RunKey]) throws
}

extension RunStore {
  /// By default a store keeps finished runs only.
  public func keep(_ checkpoint: RunCheckpoint) throws {}

  public func checkpoint(of run: RunRecord) throws -> RunCheckpoint? { nil }
}
