import Records
import Synchronization

/// Keeps runs in memory, and can fail like a full disk.
final class MemoryStore: RunStore {
  struct DiskFull: Error {}

  private struct State {
    var kept: [RunKey: RunRecord] = [:]
    var published: [RunRecord] = []
    var capacity: Int
  }

  private let state: Mutex<State>

  init(kept: [RunRecord] = [], capacity: Int = .max) {
    state = Mutex(
      State(kept: Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0) }), capacity: capacity))
  }

  var kept: Int { state.withLock { $0.kept.count } }
  var published: [RunRecord] { state.withLock { $0.published } }

  func finishedRuns() -> Set<RunKey> { state.withLock { Set($0.kept.keys) } }

  func extend(by round: [PlanEntry]) -> Set<RunKey> {
    finishedRuns().intersection(round.map(\.key))
  }

  func runs(_ keys: [RunKey]) -> [RunRecord] {
    state.withLock { state in keys.compactMap { state.kept[$0] } }
  }

  func keep(_ run: RunRecord) throws {
    try state.withLock { state in
      guard state.kept.count < state.capacity else { throw DiskFull() }
      state.kept[run.key] = run
    }
  }

  func publish(order: [RunKey]) {
    state.withLock { state in state.published = order.compactMap { state.kept[$0] } }
  }
}
