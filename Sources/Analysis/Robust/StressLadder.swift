internal import Statistics
internal import Tensors

/// What a misjudged learning rate costs a method, in units of its own tuned rate c.
///
/// Every method is run at the same multiples k·c on the same evaluation seeds, disjoint from those that
/// tuned it, so that no edge is searched for and none is censored. With positions g of
/// `ProgressScale`, a failed run counting as the reference loss, and b the interquartile mean over seeds
/// of g at c:
///
/// - regret r(k) = (g(ℓ(kc)) − g(b)) / (g(ℓ_ref) − g(b)), within [0, 1];
/// - overshoot regret S⁺ = Σ w_k r(k) over k ≥ 1, the trapezoidal rule in log₁₀ k; S⁻ over k ≤ 1;
/// - robust progress RP = Σ w_k π(k) over k ≥ 1: a value that no other method can move, 0 for one that
///   stays where it starts;
/// - at each k the shares of runs that are useful (r ≤ ½), finite but useless, and failed.
public struct StressLadder: Sendable {
  /// The multiples of the tuned rate at which every method is run.
  public static let multiples: [Double] = [0.1, 0.25, 0.5, 1, 2, 4, 10]
  /// The position of k = 1 among the multiples.
  public static let tuned = 3

  /// One rung over all seeds.
  public struct Rung: Sendable, Hashable {
    public let multiple: Double
    public let useful: Int
    /// Finite, but of no use.
    public let useless: Int
    public let failed: Int
    /// The mean regret over seeds.
    public let regret: Double

    public var runs: Int { useful + useless + failed }
  }

  public let scale: ProgressScale
  public let rungs: [Rung]
  /// S⁺ of each seed.
  public let overshootRegrets: [Double]
  /// S⁻ of each seed.
  public let undershootRegrets: [Double]
  /// RP of each seed; nil without a lower bound.
  public let robustProgress: [Double]?
  /// π at c of each seed; nil without a lower bound.
  public let tunedProgress: [Double]?
  /// The smallest k ≥ 1, as log₁₀ and interpolated, at which half of a seed's progress is lost; 1, the
  /// ladder's end, where that is never.
  public let headrooms: [Double]
  /// The seeds that are useful again at a multiple above one at which they are not.
  public let islands: Int

  let positions: [[Double]]
  /// By multiple, then seed.
  let isUseful: [[Bool]]

  /// - Parameter losses: By multiple, then seed: the loss at the end, nil for a failed run; the same
  ///   positive number of seeds everywhere.
  public init(losses: [[Double?]], scale: ProgressScale) {
    let seeds = losses.first?.count ?? 0
    precondition(
      losses.count == Self.multiples.count && losses.allSatisfy { $0.count == seeds } && seeds > 0,
      "a ladder takes \(Self.multiples.count) rungs of the same seeds")
    self.scale = scale
    positions = losses.map { $0.map { scale.position($0) } }
    let best = interquartileMean(positions[Self.tuned])
    let regrets = positions.map { $0.map { scale.regret(at: $0, beside: best) } }
    // A failed run is not useful even where the method has no progress to lose.
    let isUseful = zip(losses, regrets).map { row in
      zip(row.0, row.1).map { $0 != nil && $1 <= 0.5 }
    }
    self.isUseful = isUseful
    rungs = Self.multiples.indices.map { index in
      let failed = losses[index].count { $0 == nil }
      let useful = isUseful[index].count { $0 }
      return Rung(
        multiple: Self.multiples[index], useful: useful, useless: seeds - failed - useful,
        failed: failed, regret: regrets[index].reduce(0, +) / Double(seeds))
    }
    overshootRegrets = (0..<seeds).map { seed in Self.overshoot(regrets.map { $0[seed] }) }
    undershootRegrets = (0..<seeds).map { seed in
      Self.undershoot(regrets.map { $0[seed] })
    }
    let progress = positions.map { $0.compactMap { scale.progress(at: $0) } }
    robustProgress =
      scale.lowerBound == nil
      ? nil : (0..<seeds).map { seed in Self.overshoot(progress.map { $0[seed] }) }
    tunedProgress = scale.lowerBound == nil ? nil : progress[Self.tuned]
    headrooms = (0..<seeds).map { seed in Self.headroom(regrets.map { $0[seed] }) }
    islands = (0..<seeds).count { seed in
      let useful = regrets[Self.tuned...].map { $0[seed] <= 0.5 }
      guard let edge = useful.firstIndex(of: false) else { return false }
      return useful[edge...].contains(true)
    }
  }

  /// The largest multiple up to which at least `share` of the runs are useful at every rung from 1 on;
  /// nil where not even the tuned rate is.
  public func usefulMultiple(atLeast share: Double) -> Double? {
    rungs[Self.tuned...].prefix { Double($0.useful) >= share * Double($0.runs) }.last?.multiple
  }

  /// The weights of the trapezoidal rule in log₁₀ k over the rungs from k = 1 up.
  static let overshootWeights = trapezoidWeights(Array(multiples[tuned...]))
  /// The same from the lowest rung to k = 1.
  static let undershootWeights = trapezoidWeights(Array(multiples[...tuned]))

  static func overshoot(_ values: [Double]) -> Double {
    zip(overshootWeights, values[tuned...]).reduce(0) { $0 + $1.0 * $1.1 }
  }

  static func undershoot(_ values: [Double]) -> Double {
    zip(undershootWeights, values[...tuned]).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func trapezoidWeights(_ multiples: [Double]) -> [Double] {
    let x = multiples.map { decimalLogarithm($0) }
    let last = x.count - 1
    return x.indices.map { (x[min($0 + 1, last)] - x[max($0 - 1, 0)]) / 2 / (x[last] - x[0]) }
  }

  private static func headroom(_ regrets: [Double]) -> Double {
    for index in tuned..<regrets.count where regrets[index] > 0.5 {
      guard index > tuned else { return 0 }
      let low = decimalLogarithm(multiples[index - 1])
      let high = decimalLogarithm(multiples[index])
      let before = regrets[index - 1]
      return low + (0.5 - before) / (regrets[index] - before) * (high - low)
    }
    return decimalLogarithm(multiples[multiples.count - 1])
  }
}
