public import Records
internal import Tensors

/// Runs of equal code on many seeds, from which comparisons of equal code are drawn.
///
/// A comparison draws pairs of seeds without replacement and at random which member of a pair counts
/// as the baseline. Given the pool, that is the very randomisation whose patterns `SignFlipTest`
/// counts, so that the comparisons are independent draws, given the pool, of a test whose level is
/// exact, however many more comparisons than seeds there are.
public struct SeedPool: Sendable {
  private let runs: GateRuns
  private let settings: [GateRuns.Setting]

  /// - Parameter record: A result of one program; settings that lack a seed are left out.
  public init(_ record: ExperimentRecord) {
    var metrics: [String: ProblemMetrics] = [:]
    for problem in record.header.problems {
      metrics[problem.name] = ProblemMetrics(record.runs(of: problem.name))
    }
    let runs = GateRuns(record, metrics: metrics)
    self.runs = runs
    settings = runs.settings.filter { runs.isComplete($0, seeds: runs.seeds) }
  }

  public var seeds: [Int] { runs.seeds }

  /// The result of some seeds compared with that of others.
  public func comparison(
    of pairs: [(baseline: Int, current: Int)], policy: GatePolicy
  ) -> GateComparison {
    GateComparison(GatePairs(within: runs, settings: settings, seeds: pairs), policy)
  }

  /// Comparison number `index` of `size` seeds with as many others, drawn from `seed`.
  public func comparison(
    number index: Int, size: Int, seed: UInt64, policy: GatePolicy
  ) -> GateComparison {
    precondition(size > 0 && 2 * size <= seeds.count, "\(size) of \(seeds.count) seeds, twice")
    var stream = RandomStream(seed: seed, name: "equal-code", part: UInt32(index))
    var drawn = seeds
    stream.shuffle(&drawn)
    return comparison(
      of: (0..<size).map { (baseline: drawn[2 * $0], current: drawn[2 * $0 + 1]) }, policy: policy)
  }
}
