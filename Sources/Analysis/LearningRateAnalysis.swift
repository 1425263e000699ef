internal import Statistics
internal import Tensors

/// One setting of a method's learning-rate grid over its seeds.
public struct GridCell: Sendable {
  public let trial: Int
  public let learningRate: Double
  /// The values crossed with the learning rate, such as `weight_decay=0.1`; empty without any.
  public let further: String
  public let isDefault: Bool
  public let runs: RunTally
  /// The interquartile mean of the final selection loss, failed runs counting as +∞; nil without
  /// runs.
  public let selectionLoss: Double?
  /// The same of the loss by which methods are ranked.
  public let score: Double?
  /// The runs by seed.
  public let results: [GridResult]

  /// The interquartile mean of that loss over the runs that did not fail; nil where all did.
  public var middleScore: Double? {
    let scores = results.compactMap(\.score)
    return scores.isEmpty ? nil : interquartileMean(scores)
  }

  /// The smallest of them.
  public var lowestScore: Double? { results.compactMap(\.score).min() }
  public var highestScore: Double? { results.compactMap(\.score).max() }
}

/// How a method takes to its whole learning-rate grid. No monotone edge is assumed: a rate between
/// two unstable ones may be stable.
///
/// On the axis of log₁₀ η each rate stands for the interval up to half-way to its neighbours, the
/// outermost rates only towards the inside. These widths are the weights of the trapezoidal rule.
public struct LearningRateAnalysis: Sendable {
  /// By ascending learning rate.
  public let cells: [GridCell]
  /// log₁₀ of the largest over the smallest rate of the grid.
  public let gridDecades: Double
  /// The summed widths of the rates at which no stored run failed or stood still, in decades; nil
  /// where the grid has one rate or a rate has no runs.
  public let stableDecades: Double?
  /// The largest rate at which no run failed or stood still; nil where there is none.
  public let largestStableRate: Double?
  /// The smallest rate at which a run failed; nil where none did.
  public let smallestUnstableRate: Double?
  /// E[min(ℓ(η), ℓ₀) − ℓ*] over log-uniform η (Wortsman et al., 2023): ℓ(η) the mean over seeds of
  /// the final selection loss, capped at the initial loss ℓ₀ of the run and so for failed runs, ℓ*
  /// the smallest of the grid. nil where the grid has one rate or a rate has no runs.
  ///
  /// The trapezoidal rule over the grid, where the paper has equally spaced rates.
  public let sensitivity: Double?

  init(_ planned: PlannedMethod, _ runs: [RunSummary], _ metrics: ProblemMetrics) {
    cells = planned.settings.map { setting in
      let stored = runs.filter { $0.trial == setting.trial }
      let own = stored.filter(\.isJudged)
      return GridCell(
        trial: setting.trial, learningRate: setting.learningRate, further: setting.further,
        isDefault: setting.isDefaultLearningRate,
        runs: RunTally(stored, planned: setting.seeds.count),
        selectionLoss: own.isEmpty
          ? nil : interquartileMean(own.map { $0.cost(metrics.selection) }),
        score: own.isEmpty ? nil : interquartileMean(own.map { $0.cost(metrics.score) }),
        results: own.map { GridResult($0) }.sorted { $0.seed < $1.seed })
    }
    let rates = Self.distinctRates(of: cells)
    let grid = rates.map { rate in runs.filter { $0.learningRate == rate && $0.isJudged } }
    let stable = grid.map { runs in !runs.isEmpty && runs.allSatisfy(\.isStable) }
    largestStableRate = stable.lastIndex(of: true).map { rates[$0] }
    smallestUnstableRate = zip(rates, grid).first { $0.1.contains { $0.isFailed } }?.0

    let logarithms = rates.map { $0 > 0 ? decimalLogarithm($0) : -.infinity }
    guard let first = logarithms.first, let last = logarithms.last, first < last, first.isFinite
    else {
      gridDecades = 0
      stableDecades = nil
      sensitivity = nil
      return
    }
    gridDecades = last - first
    guard grid.allSatisfy({ !$0.isEmpty }) else {
      stableDecades = nil
      sensitivity = nil
      return
    }
    let widths = logarithms.indices.map { index in
      (logarithms[min(index + 1, logarithms.count - 1)] - logarithms[max(index - 1, 0)]) / 2
    }
    stableDecades = zip(widths, stable).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    sensitivity = Self.sensitivity(grid, weights: widths, metrics)
  }

  /// The end of the grid at which `rate` lies; nil inside, and for a grid of one rate.
  public func edge(at rate: Double) -> GridEdge? {
    guard let first = cells.first?.learningRate, let last = cells.last?.learningRate, first < last
    else { return nil }
    return rate == first ? .lowest : rate == last ? .highest : nil
  }

  private static func distinctRates(of cells: [GridCell]) -> [Double] {
    var rates: [Double] = []
    for cell in cells where rates.last != cell.learningRate { rates.append(cell.learningRate) }
    return rates
  }

  private static func sensitivity(
    _ grid: [[RunSummary]], weights: [Double], _ metrics: ProblemMetrics
  ) -> Double? {
    var losses: [Double] = []
    for runs in grid {
      let capped = runs.map { min($0.cost(metrics.selection), $0.initialLoss ?? .infinity) }
      // A run that failed and never was evaluated has no loss to count.
      guard capped.allSatisfy(\.isFinite) else { return nil }
      losses.append(capped.reduce(0, +) / Double(capped.count))
    }
    guard let best = losses.min() else { return nil }
    let sum = zip(losses, weights).reduce(0) { $0 + ($1.0 - best) * $1.1 }
    return sum / weights.reduce(0, +)
  }
}
