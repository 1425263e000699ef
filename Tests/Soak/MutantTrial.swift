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
  var isCaughtStatistically: Bool { !statistical.isPassed }

  /// Whether it is caught for getting worse or for a change, and not only for an improvement that
  /// nobody announced.
  var isCaughtAsRegression: Bool {
    !statistical.obstacles.isEmpty
      || statistical.metrics.contains { $0.verdict == .regressed || $0.verdict == .changed }
  }
}
