internal import Problems
internal import Synchronization

/// What is the same for all methods of a problem and seed, found once: the evaluation of the untrained
/// model, since all start from the same parameters, and the digest of the order of the examples.
///
/// Two threads that ask at the same time both measure, and get the same values.
package final class SeedMeasurements: Sendable {
  private struct Key: Hashable {
    let problem: String
    let seed: UInt64
  }

  private let evaluations = Mutex<[Key: [EvaluationResult?]]>([:])
  private let orders = Mutex<[Key: String]>([:])

  package init() {}

  /// The untrained model's results for all splits, from `measure` the first time they are asked for;
  /// nil where it finds none.
  func initialEvaluation(
    of problem: String, seed: UInt64, measure: () -> [EvaluationResult?]?
  ) -> [EvaluationResult?]? {
    Self.value(of: Key(problem: problem, seed: seed), in: evaluations, measure: measure)
  }

  /// The digest of the order in which a run of the whole budget draws its examples.
  func orderDigest(of problem: String, seed: UInt64, measure: () -> String) -> String {
    Self.value(of: Key(problem: problem, seed: seed), in: orders, measure: measure) ?? ""
  }

  private static func value<Value: Sendable>(
    of key: Key, in known: borrowing Mutex<[Key: Value]>, measure: () -> Value?
  ) -> Value? {
    if let value = known.withLock({ $0[key] }) { return value }
    guard let value = measure() else { return nil }
    known.withLock { $0[key] = value }
    return value
  }
}
