internal import Statistics

/// How often each method is within a factor of the fastest to the target (Dolan & Moré, 2002), by the median
/// over its runs on a problem; a run that did not reach the target takes for ever.
public struct TableProfile: Sendable {
  public struct Method: Sendable {
    public let method: String
    /// The problems on which it reached the target by the median.
    public let reached: Int
    /// ρ(τ) at `factors`.
    public let shares: [Double]
    /// AlgoPerf's B, exact, with the interval of its mean over problems, which are resampled.
    public let score: Estimate
    /// The same as AlgoPerf's code samples it at a hundred factors.
    public let sampledScore: Double
  }

  public static let factors: [Double] = [1, 1.5, 2, 4]
  public let methods: [Method]
  public let problems: Int
  /// The problems on which nobody reached the target: they count against everybody.
  public let unreached: [String]

  init(
    _ problems: [String], _ methods: [String], _ options: AnalysisOptions,
    steps: (_ problem: String, _ method: String) -> [Double]
  ) {
    let costs = methods.map { method in
      problems.map { problem -> Double in
        let all = steps(problem, method)
        return all.isEmpty ? .infinity : median(all)
      }
    }
    let profile = PerformanceProfile(costs: costs)
    self.problems = problems.count
    unreached = problems.indices.filter { problem in
      costs.allSatisfy { $0[problem] == .infinity }
    }.map { problems[$0] }
    self.methods = methods.indices.map { index in
      let parts = profile.parts(method: index)
      // The fastest of a problem is the same in every resample of problems.
      let interval =
        problems.count < 2
        ? nil
        : stratifiedBootstrap(
          [parts], resamples: options.resamples, confidence: options.confidence, seed: options.seed
        ) { $0[0].reduce(0, +) / Double($0[0].count) }
      return Method(
        method: methods[index], reached: costs[index].count { $0.isFinite },
        shares: Self.factors.map { profile.fraction(method: index, within: $0) },
        score: Estimate(profile.score(method: index), interval),
        sampledScore: profile.sampledScore(method: index))
    }
  }
}
