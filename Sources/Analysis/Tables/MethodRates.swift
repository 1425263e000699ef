internal import Statistics
internal import Tensors

/// One method on one problem at each learning rate that was tried.
public struct MethodRates: Sendable {
  public struct Rate: Sendable {
    public let learningRate: Double
    public let runs: Int
    public let failed: Int
    /// The interquartile mean of the value; not finite where failed runs decide it.
    public let middle: Estimate?
    let cost: Double
  }

  public let problem: String
  public let method: String
  /// Ascending.
  public let rates: [Rate]
  /// The rate with the best interquartile mean, the fewest failures among equals, then the smallest.
  public let best: Double?
  /// Whether it is the smallest or the largest that was tried, beyond which a better one may lie.
  public let isBestAtEdge: Bool
  /// log₁₀ of the largest over the smallest rate.
  public let decades: Double
  /// The part of them at which no run failed: each rate stands for the interval up to half-way to its
  /// neighbours.
  public let stableDecades: Double?
  /// The mean over log-uniform rates of how much worse the middle is than the best one, by the trapezoidal
  /// rule, over the rates whose middle is finite; nil where fewer than two are.
  public let sensitivity: Double?

  /// nil where fewer than two rates were tried.
  init?(_ rows: [ResultTable.Row], of table: ResultTable, _ options: AnalysisOptions) {
    let byRate = Dictionary(grouping: rows.filter { $0.learningRate != nil }) {
      $0.learningRate ?? 0
    }
    guard byRate.count >= 2, let first = rows.first else { return nil }
    problem = first.problem
    method = first.method
    let rates = byRate.sorted { $0.key < $1.key }.map { rate, rows in
      let costs = rows.map { table.cost($0) }
      return Rate(
        learningRate: rate, runs: rows.count, failed: rows.count { $0.value == nil },
        middle: table.values(Estimate(interquartileMeanOf: costs, options)),
        cost: interquartileMean(costs))
    }
    self.rates = rates
    let best = rates.min { ($0.cost, $0.failed) < ($1.cost, $1.failed) }
    self.best = best?.learningRate
    isBestAtEdge =
      best.map {
        $0.learningRate == rates[0].learningRate
          || $0.learningRate == rates[rates.count - 1].learningRate
      } ?? false
    let places = rates.map { $0.learningRate > 0 ? decimalLogarithm($0.learningRate) : -.infinity }
    guard let low = places.first, let high = places.last, low.isFinite else {
      (decades, stableDecades, sensitivity) = (0, nil, nil)
      return
    }
    decades = high - low
    func widths(_ places: [Double]) -> [Double] {
      places.indices.map {
        (places[min($0 + 1, places.count - 1)] - places[max($0 - 1, 0)]) / 2
      }
    }
    stableDecades = zip(widths(places), rates).reduce(0) { $0 + ($1.1.failed == 0 ? $1.0 : 0) }
    let finite = rates.indices.filter { rates[$0].cost.isFinite }
    guard finite.count >= 2, let least = finite.map({ rates[$0].cost }).min() else {
      sensitivity = nil
      return
    }
    let weights = widths(finite.map { places[$0] })
    let sum = zip(finite, weights).reduce(0) { $0 + (rates[$1.0].cost - least) * $1.1 }
    sensitivity = sum / weights.reduce(0, +)
  }

  /// The runs by which a method is judged: of each seed the one at the rate that is best over the other
  /// seeds, so that no run chooses its own rate; where there is one rate, or none is said, all.
  static func chosen(among rows: [ResultTable.Row], of table: ResultTable) -> [ResultTable.Row] {
    let rates = Set(rows.map(\.learningRate)).sorted { ($0 ?? 0) < ($1 ?? 0) }
    if rates.count < 2 { return rows }
    let seeds = rows.map(\.seed).inOrderOfAppearance
    return seeds.compactMap { seed in
      let others = seeds.count > 1 ? rows.filter { $0.seed != seed } : rows
      let merits = rates.compactMap { rate -> (rate: Double?, cost: Double, failed: Int)? in
        let own = others.filter { $0.learningRate == rate }
        if own.isEmpty { return nil }
        return (
          rate, interquartileMean(own.map { table.cost($0) }), own.count { $0.value == nil }
        )
      }
      let best = merits.min { ($0.cost, $0.failed) < ($1.cost, $1.failed) }
      return rows.first { $0.seed == seed && $0.learningRate == best?.rate }
    }
  }
}
