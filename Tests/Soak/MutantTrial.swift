import Analysis
import Records

/// What the gate says of one mutant.
struct MutantTrial {
  let place: String
  let mutant: Mutant
  /// Whether any recorded number is another, by comparing the records as wholes.
  let changesNumbers: Bool
  let exact: ExactComparison
  let statistical: GateComparison

  init(
    _ mutant: Mutant, in place: String, clean: ExperimentRecord, mutated: ExperimentRecord,
    policy: GatePolicy
  ) {
    self.place = place
    self.mutant = mutant
    changesNumbers = clean != mutated
    exact = ExactComparison(baseline: clean, current: mutated, policy: policy)
    statistical = GateComparison(baseline: clean, current: mutated, policy: policy)
  }

  var isCaughtExactly: Bool { !exact.isPassed }
  /// By what training did, update rules apart.
  var isCaughtStatistically: Bool {
    !statistical.obstacles.isEmpty || statistical.metrics.contains { statistical.isFailure($0) }
  }
  /// By what the methods make of a fixed sequence of gradients, without any training.
  var isCaughtByRule: Bool { !statistical.updateRules.changes.isEmpty }

  /// Whether it is caught for getting worse or for a change, and not only for an improvement that
  /// nobody announced.
  var isCaughtAsRegression: Bool {
    !statistical.obstacles.isEmpty
      || statistical.metrics.contains { $0.verdict == .regressed || $0.verdict == .changed }
  }
}
