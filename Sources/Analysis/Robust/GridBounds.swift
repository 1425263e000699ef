internal import Records
internal import Statistics
internal import Tensors

/// What a plain grid tells of a method's overshoot regret S⁺: between which bounds it lies.
///
/// The anchor c is the centre of the plateau round the best rate by validation loss, as `RateScan` has it,
/// on the grid's own rates. The ladder's rungs k·c are read off between the grid's rates, for each seed
/// linearly in log₁₀ η; those that the grid does not reach could lose nothing or everything, r = 0 or
/// r = 1. The same seeds choose c and are judged by it, so that the bounds are on the kind side.
public struct GridBounds: Sendable {
  public enum Finding: Sendable, Equatable {
    /// S⁺, its mean over seeds, at least and at most, and the largest multiple of c within the grid.
    case bounds(lower: Double, upper: Double, reach: Double)
    /// Less than a tenth of the possible progress at any rate.
    case doesNotTrain
    /// Too few rates or runs.
    case unknown
  }

  public let method: Method
  /// c; nil where the method does not train.
  public let anchor: Double?
  /// Whether worse rates of the grid lie on both sides of the plateau.
  public let isBracketed: Bool
  public let finding: Finding

  /// The bounds of every method, in the order of the plan; nil where the problem's reference loss is not
  /// stored, without which no progress can be measured, and for results of the robust protocol.
  public static func all(of problem: ProblemAnalysis) -> [GridBounds]? {
    guard problem.robust == nil, let scale = ProgressScale(problem.problem) else { return nil }
    return problem.methods.map { method in
      GridBounds(method, problem.summaries.filter { $0.method == method.method }, scale)
    }
  }

  private init(_ analysis: MethodAnalysis, _ runs: [RunSummary], _ scale: ProgressScale) {
    // Of several grids crossed with further values that of the best setting.
    let cells = analysis.learningRates.cells
    let best = cells.min { ($0.selectionLoss ?? .infinity) < ($1.selectionLoss ?? .infinity) }
    let own = cells.filter { $0.further == best?.further && $0.learningRate > 0 }
    let byRate = own.map { cell in
      Dictionary(
        runs.filter { $0.trial == cell.trial && $0.isJudged }.map { ($0.seed, $0) }
      ) { first, _ in first }
    }
    let seeds = byRate.dropFirst().reduce(Set((byRate.first ?? [:]).keys)) {
      $0.intersection($1.keys)
    }.sorted()
    guard own.count > 1, !seeds.isEmpty else {
      self.init(analysis.method, finding: .unknown)
      return
    }
    func positions(_ loss: (RunSummary) -> Double?) -> [[Double]] {
      byRate.map { runs in seeds.map { scale.position(runs[$0].flatMap(loss)) } }
    }
    self.init(
      method: analysis.method, logarithms: own.map { decimalLogarithm($0.learningRate) },
      scores: positions(\.selectionLoss).map { interquartileMean($0) },
      positions: positions(\.scoreLoss), scale)
  }

  private init(
    _ method: Method, anchor: Double? = nil, isBracketed: Bool = false, finding: Finding
  ) {
    self.method = method
    self.anchor = anchor
    self.isBracketed = isBracketed
    self.finding = finding
  }

  /// - Parameters:
  ///   - logarithms: log₁₀ of the rates, ascending.
  ///   - scores: The position of each rate by the loss that chooses.
  ///   - positions: By rate, then seed, by the loss that ranks.
  private init(
    method: Method, logarithms: [Double], scores: [Double], positions: [[Double]],
    _ scale: ProgressScale
  ) {
    let reference = scale.referencePosition
    let best = scores.indices.min { (scores[$0], $0) < (scores[$1], $1) } ?? 0
    let improvement = reference - scores[best]
    let progress = scale.progress(at: scores[best])
    guard improvement > 0, progress.map({ $0 >= RobustMethod.trainingShare }) ?? true else {
      self.init(method, finding: .doesNotTrain)
      return
    }
    let threshold = scores[best] + RateScan.plateauShare * improvement
    func end(_ step: Int) -> (place: Double, isBracketed: Bool) {
      var index = best
      while scores.indices.contains(index + step), scores[index + step] <= threshold {
        index += step
      }
      let next = index + step
      guard scores.indices.contains(next) else { return (logarithms[index], false) }
      let share = (threshold - scores[index]) / (scores[next] - scores[index])
      return (logarithms[index] + share * (logarithms[next] - logarithms[index]), true)
    }
    let (low, high) = (end(-1), end(1))
    let centre = (low.place + high.place) / 2

    /// The positions at a place of the axis, by seed; nil beyond the grid.
    func read(at place: Double) -> [Double]? {
      let leave = 1e-9
      guard let first = logarithms.first, let last = logarithms.last, place >= first - leave,
        place <= last + leave
      else { return nil }
      let above = logarithms.firstIndex { $0 >= place - leave } ?? logarithms.count - 1
      guard above > 0, abs(logarithms[above] - place) > leave else { return positions[above] }
      let share = (place - logarithms[above - 1]) / (logarithms[above] - logarithms[above - 1])
      return zip(positions[above - 1], positions[above]).map { $0 + share * ($1 - $0) }
    }
    let tuned = interquartileMean(read(at: centre) ?? [reference])
    var known = 0.0
    var open = 0.0
    var reach = 1.0
    for (multiple, weight) in zip(
      StressLadder.multiples[StressLadder.tuned...], StressLadder.overshootWeights)
    {
      if let rung = read(at: centre + decimalLogarithm(multiple)) {
        let regrets = rung.map { scale.regret(at: $0, beside: tuned) }
        known += weight * regrets.reduce(0, +) / Double(regrets.count)
        reach = multiple
      } else {
        open += weight
      }
    }
    self.init(
      method, anchor: power(10, centre), isBracketed: low.isBracketed && high.isBracketed,
      finding: .bounds(lower: known, upper: known + open, reach: reach))
  }
}
