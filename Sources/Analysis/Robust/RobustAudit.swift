internal import Statistics
internal import Tensors

/// How far the order of methods holds where something is changed that is no property of a method, as far
/// as the stored runs can tell.
///
/// Each change gives ρ, Spearman's rank correlation of the methods before and after, for the tuned loss,
/// S⁺ and RP. What takes other runs (another origin of the scan, another budget, schedule or split of the
/// data) is told from another result. Leaving methods out changes no value at all, so it is no row.
public struct RobustAudit: Sendable {
  /// One change, and the order of methods under it beside that without.
  public struct Row: Sendable {
    public let change: String
    /// ρ of the tuned loss; nil with fewer than two methods that train, or only ties.
    public let tunedLoss: Double?
    /// ρ of S⁺.
    public let overshootRegret: Double?
    /// ρ of RP.
    public let robustProgress: Double?
  }

  public let rows: [Row]
  /// By how many decades a tuned rate moves where one tuning seed is left out: the greatest over
  /// seeds, the median over methods; nil with one tuning seed.
  public let anchorShift: Double?
  /// The methods that train.
  public let methods: Int

  public init(_ analysis: RobustAnalysis) {
    let methods = analysis.methods.filter { $0.ladder != nil && !$0.evaluation.isEmpty }
    self.methods = methods.count
    let seeds = analysis.evaluationSeeds.count
    let half = seeds / 2
    let whole = methods.map { Values($0, analysis.scale, Array(0..<seeds), \.scoreLoss) }
    var rows: [Row] = []
    if half >= 2 {
      let first = methods.map { Values($0, analysis.scale, Array(0..<half), \.scoreLoss) }
      let second = methods.map { Values($0, analysis.scale, Array(half..<seeds), \.scoreLoss) }
      rows.append(Self.row("the second half of the evaluation seeds for the first", first, second))
    }
    let validation = methods.map {
      Values($0, analysis.scale, Array(0..<seeds), \.selectionLoss)
    }
    if validation != whole {
      rows.append(Self.row("the loss that tuned for the one that ranks", whole, validation))
    }
    self.rows = rows
    let shifts = methods.compactMap { Self.anchorShift($0, analysis.scale) }
    anchorShift = shifts.isEmpty ? nil : quantile(shifts.sorted(), 0.5)
  }

  /// The rows of another result of the same methods, in which something was changed: a row for the
  /// methods that train in both, nil where there are fewer than three of them.
  public static func row(
    _ change: String, _ before: RobustAnalysis, _ after: RobustAnalysis
  ) -> (row: Row, methods: Int)? {
    func values(_ analysis: RobustAnalysis, _ method: Method) -> Values? {
      guard let found = analysis.methods.first(where: { $0.method == method }),
        found.ladder != nil, !found.evaluation.isEmpty
      else { return nil }
      return Values(
        found, analysis.scale, Array(analysis.evaluationSeeds.indices), \.scoreLoss)
    }
    let pairs = before.methods.compactMap { method in
      values(before, method.method).flatMap { first in
        values(after, method.method).map { (first, $0) }
      }
    }
    guard pairs.count > 2 else { return nil }
    return (row(change, pairs.map(\.0), pairs.map(\.1)), pairs.count)
  }

  /// A method's values over some of its evaluation seeds.
  private struct Values: Equatable {
    let tunedPosition: Double
    let overshootRegret: Double
    let robustProgress: Double?

    init(
      _ method: RobustMethod, _ scale: ProgressScale, _ seeds: [Int],
      _ loss: (RunSummary) -> Double?
    ) {
      let ladder = StressLadder(
        losses: method.evaluation.map { rung in seeds.map { loss(rung.runs[$0]) } }, scale: scale)
      func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
      tunedPosition = interquartileMean(ladder.positions[StressLadder.tuned])
      overshootRegret = mean(ladder.overshootRegrets)
      robustProgress = ladder.robustProgress.map(mean)
    }
  }

  private static func row(_ change: String, _ before: [Values], _ after: [Values]) -> Row {
    func correlation(_ value: (Values) -> Double?) -> Double? {
      let pair = (before.compactMap(value), after.compactMap(value))
      guard pair.0.count == before.count, pair.1.count == after.count else { return nil }
      return rankCorrelation(pair.0, pair.1)
    }
    return Row(
      change: change, tunedLoss: correlation(\.tunedPosition),
      overshootRegret: correlation(\.overshootRegret),
      robustProgress: correlation(\.robustProgress))
  }

  private static func anchorShift(_ method: RobustMethod, _ scale: ProgressScale) -> Double? {
    guard let anchor = method.scan.anchor?.position,
      let seeds = method.tuning.first?.runs.map(\.seed), seeds.count > 1
    else { return nil }
    let moved = seeds.indices.compactMap { left -> Double? in
      var scan = RateScan(reference: scale.referencePosition, cap: method.scan.cap)
      for rate in method.tuning where rate.positions.count == seeds.count {
        let others = seeds.indices.filter { $0 != left }.map { rate.positions[$0] }
        scan.record(interquartileMean(others), at: RateScan.index(multiple: rate.multiple))
      }
      return scan.anchor?.position
    }
    return moved.map { abs($0 - anchor) / 4 }.max()
  }
}
