internal import Problems
internal import Synchronization

/// What the untrained models evaluate to, measured once for each problem and seed: all methods of a
/// seed start from the same parameters, so their first evaluations are the same numbers.
package final class InitialEvaluations: Sendable {
  private struct Key: Hashable {
    let problem: String
    let seed: UInt64
  }

  private let known = Mutex<[Key: [EvaluationResult?]]>([:])

  package init() {}

  /// The results for all splits, from `measure` the first time they are asked for.
  ///
  /// Two threads that ask at the same time both measure, and get the same numbers.
  func results(
    of problem: String, seed: UInt64, measure: () -> [EvaluationResult?]
  ) -> [EvaluationResult?] {
    let key = Key(problem: problem, seed: seed)
    if let results = known.withLock({ $0[key] }) { return results }
    let results = measure()
    known.withLock { $0[key] = results }
    return results
  }
}
