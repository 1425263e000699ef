internal import Records
internal import Statistics

/// The methods over several problems.
public struct CrossProblemAnalysis: Sendable {
  /// The problems on which every method here is ranked.
  public let problems: [String]
  /// By combined rank.
  public let methods: [CrossProblemMethod]
  /// The methods that are not ranked on every problem.
  public let unranked: [Method]
  /// The factors over the best at which the performance profile is given.
  public static let profileFactors: [Double] = [1, 1.5, 2, 4]
  /// The problems with a target, over which profile and score go.
  public let problemsWithTarget: [String]
  /// The p-value of Friedman's test that the methods rank alike over problems; nil with fewer than ten problems,
  /// where its approximation is poor.
  public let friedmanPValue: Double?
  /// The difference in mean rank from which two methods differ (Nemenyi); nil likewise.
  public let criticalDifference: Double?

  static let smallestProblemCount = 10

  /// nil with fewer than two problems, or where no two methods are ranked on all of them.
  init?(_ analyses: [ProblemAnalysis], _ options: AnalysisOptions) {
    guard analyses.count >= 2, let first = analyses.first else { return nil }
    let common =
      first.ranking.methods.isEmpty
      ? []
      : first.methods.map(\.method).filter { method in
        analyses.allSatisfy { $0.seedTable.methods.contains(method) }
      }
    guard common.count >= 2 else { return nil }
    var everyone: [Method] = []
    for method in analyses.flatMap({ $0.methods.map(\.method) }) where !everyone.contains(method) {
      everyone.append(method)
    }
    problems = analyses.map(\.problem.name)
    unranked = everyone.filter { !common.contains($0) }

    let tables = analyses.map { $0.seedTable.restricted(to: common) }
    // Problems may list the methods in another order.
    let positions = tables.map { table in
      common.compactMap { table.methods.firstIndex(of: $0) }
    }
    let convergences = tables.map(\.convergenceRanks)
    let stabilities = tables.map(\.stabilityRanks)
    func strata(_ ranks: [[[Double]]], _ method: Int) -> [[Double]] {
      ranks.indices.map { ranks[$0][positions[$0][method]] }
    }
    let ranks = common.indices.map { method in
      CombinedRank(
        convergence: strata(convergences, method), stability: strata(stabilities, method), options)
    }

    let timed = analyses.filter { $0.problem.hasTarget }
    problemsWithTarget = timed.map(\.problem.name)
    let profile =
      timed.isEmpty
      ? nil
      : PerformanceProfile(costs: common.map { method in timed.map { $0.evaluations(method) } })

    let (places, order) = CombinedRank.places(ranks)
    methods = order.map { index in
      let method = common[index]
      let runs = analyses.compactMap { $0.methods.first { $0.method == method }?.stability.runs }
      return CrossProblemMethod(
        method: method, place: places[index], rank: ranks[index],
        isUndominated: ranks[index].isUndominated(among: ranks),
        placesByProblem: analyses.compactMap { analysis in
          analysis.ranking.methods.first { $0.method == method }?.place
        },
        done: runs.reduce(0) { $0 + $1.done }, failed: runs.reduce(0) { $0 + $1.failed },
        profile: profile.map { profile in
          Self.profileFactors.map { profile.fraction(method: index, within: $0) }
        },
        ratios: profile?.ratios[index],
        score: profile?.score(method: index, upTo: 4))
    }
    guard analyses.count >= Self.smallestProblemCount else {
      friedmanPValue = nil
      criticalDifference = nil
      return
    }
    let meanRanks = analyses.indices.map { problem in
      common.indices.map { method in
        let own = convergences[problem][positions[problem][method]]
        return own.reduce(0, +) / Double(own.count)
      }
    }
    friedmanPValue = friedman(meanRanks).pValue
    criticalDifference = nemenyiCriticalDifference(
      methods: common.count, problems: analyses.count, alpha: options.significance)
  }
}

/// One method over several problems.
public struct CrossProblemMethod: Sendable {
  public let method: Method
  public let place: Int
  /// Means over problems of the means over seeds; the intervals resample seeds within problems.
  public let rank: CombinedRank
  public let isUndominated: Bool
  /// The method's place on each of the problems.
  public let placesByProblem: [Int]
  public let done: Int
  public let failed: Int
  /// ρ(τ) at `CrossProblemAnalysis.profileFactors`: the share of problems with a target that the
  /// method reaches, by the median over seeds, within τ times the fewest gradient evaluations.
  public let profile: [Double]?
  /// By problem with a target, the evaluations to it over those of the fastest; +∞ where it was not reached.
  public let ratios: [Double]?
  /// AlgoPerf's B with r_max = 4.
  public let score: Double?
}

extension ProblemAnalysis {
  /// The median gradient evaluations of `method` to the target; +∞ where it does not reach it.
  fileprivate func evaluations(_ method: Method) -> Double {
    methods.first { $0.method == method }?.convergence.target?.medianEvaluations ?? .infinity
  }
}
