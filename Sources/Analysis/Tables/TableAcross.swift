internal import Statistics

/// The methods over several problems.
public struct TableAcross: Sendable {
  /// The methods with runs on all problems, in the order of the table.
  public let methods: [String]
  public let leftOut: [String]
  public let problems: Int
  /// Means over problems of the means over seeds of ranks among these methods.
  public let meanRankOfSeeds: [Double]
  /// Means over problems of the ranks of the interquartile means.
  public let meanRankOfMiddle: [Double]
  /// Friedman's test over problems on the mean ranks of seeds, and on the interquartile means.
  public let friedmanOnSeeds: (statistic: Double, pValue: Double)
  public let friedmanOnMiddle: (statistic: Double, pValue: Double)
  /// Nemenyi's: mean ranks that differ by more differ at the level of 0.05.
  public let criticalDifference: Double
  /// Nemenyi's p-values of pairs by the mean rank of seeds, and Wilcoxon's with Holm's adjustment over
  /// problems on the interquartile means.
  public let pairs: [(pair: PairedProblem.Pair, nemenyiPValue: Double)]
  /// Whether there are so few problems that the tests only roughly hold.
  public var isRough: Bool { problems < 10 }

  init?(
    _ problems: [String], _ methods: [String], _ paired: [PairedProblem],
    cells: [TableAnalysis.Cell], _ options: AnalysisOptions
  ) {
    let common = methods.filter { method in paired.allSatisfy { $0.methods.contains(method) } }
    guard problems.count >= 2, common.count >= 2, paired.allSatisfy({ !$0.seeds.isEmpty }) else {
      return nil
    }
    self.methods = common
    leftOut = methods.filter { !common.contains($0) }
    self.problems = problems.count
    let ranks = paired.map { problem in
      let own = common.compactMap { problem.methods.firstIndex(of: $0) }.map { problem.costs[$0] }
      return Statistics.meanRanks(problem.seeds.indices.map { seed in own.map { $0[seed] } })
    }
    let middles = problems.map { problem in
      common.map { method in
        cells.first { $0.problem == problem && $0.method == method }?.cost ?? .infinity
      }
    }
    meanRankOfSeeds = common.indices.map { method in
      ranks.reduce(0) { $0 + $1[method] } / Double(ranks.count)
    }
    meanRankOfMiddle = meanRanks(middles)
    let onSeeds = friedman(ranks)
    let onMiddle = friedman(middles)
    friedmanOnSeeds = (onSeeds.statistic, onSeeds.pValue)
    friedmanOnMiddle = (onMiddle.statistic, onMiddle.pValue)
    criticalDifference = nemenyiCriticalDifference(
      methods: common.count, problems: problems.count, alpha: options.significance)
    let count = Double(common.count)
    let scale = (count * (count + 1) / (6 * Double(problems.count))).squareRoot()
    let byMethod = common.indices.map { method in middles.map { $0[method] } }
    let meanRankOfSeeds = meanRankOfSeeds
    pairs = PairedProblem.Pair.all(common, byMethod).map { pair in
      let places = [pair.first, pair.second].map { common.firstIndex(of: $0) ?? 0 }
      let difference = abs(meanRankOfSeeds[places[0]] - meanRankOfSeeds[places[1]])
      let range = difference / scale * 2.0.squareRoot()
      return (pair, 1 - studentizedRangeDistribution(range, groups: common.count))
    }
  }
}
