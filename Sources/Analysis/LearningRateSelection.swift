internal import Statistics

/// The setting at which one seed of a method is judged.
public struct SeedChoice: Sendable, Equatable {
  public let seed: Int
  public let trial: Int
  public let learningRate: Double
}

/// A learning rate that was chosen for some seeds of a method.
public struct ChosenRate: Sendable, Equatable {
  public let rate: Double
  public let seeds: Int
  /// Set where the grid ends at this rate: beyond it nothing was tried.
  public let edge: GridEdge?
}

/// An end of a grid of learning rates.
public enum GridEdge: String, Sendable {
  case lowest, highest
}

/// The choice of a learning rate for each seed from the *other* seeds, so that a seed's own luck
/// never chooses the rate at which it is judged (cross-fitting).
///
/// The best setting has the smallest interquartile mean of the final selection loss, a failed run
/// counting as +∞; among equals the fewest failed runs, then the smallest learning rate. A method
/// with one setting has no choice to make.
struct LearningRateSelection {
  let choices: [SeedChoice]

  /// - Parameter isCrossFitted: false where there is only one seed, which then chooses for itself.
  init(
    _ planned: PlannedMethod, _ runs: [RunSummary], seeds: [Int], isCrossFitted: Bool,
    _ metrics: ProblemMetrics
  ) {
    let runs = runs.filter(\.isJudged)
    choices = seeds.compactMap { seed in
      let others = isCrossFitted ? runs.filter { $0.seed != seed } : runs
      let best = planned.settings.min { a, b in
        Merit(others.filter { $0.trial == a.trial }, metrics)
          < Merit(others.filter { $0.trial == b.trial }, metrics)
      }
      return best.map { SeedChoice(seed: seed, trial: $0.trial, learningRate: $0.learningRate) }
    }
  }

  /// How a setting did on the seeds that choose. Settings are compared from the smallest learning
  /// rate up, so the smallest of equals wins.
  private struct Merit {
    var loss: Double
    var failed: Int

    init(_ runs: [RunSummary], _ metrics: ProblemMetrics) {
      loss = runs.isEmpty ? .infinity : interquartileMean(runs.map { $0.cost(metrics.selection) })
      // A setting without runs is no candidate while there is another.
      failed = runs.isEmpty ? .max : runs.count { $0.isFailed }
    }

    static func < (a: Merit, b: Merit) -> Bool { (a.loss, a.failed) < (b.loss, b.failed) }
  }
}
