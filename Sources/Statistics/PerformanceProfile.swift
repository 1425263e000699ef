/// How often a method is within a factor of the best (Dolan & Moré, 2002).
///
/// On each problem a method's cost is divided by the smallest cost of any method. A failure, +∞, is
/// within no factor; a problem that nobody solved counts against everybody.
public struct PerformanceProfile: Sendable {
  /// Cost over smallest cost, per method and problem; at least 1.
  public let ratios: [[Double]]

  /// The profile of `costs`, one row per method with one cost per problem: not negative, +∞ for a
  /// failure. Where the smallest cost is 0, the methods with cost 0 have the ratio 1 and the others
  /// +∞.
  public init(costs: [[Double]]) {
    let problems = requireTable(costs)
    for row in costs {
      for cost in row { precondition(cost >= 0, "a cost of \(cost) in a performance profile") }
    }
    let best = (0..<problems).map { problem in
      costs.reduce(.infinity) { min($0, $1[problem]) }
    }
    ratios = costs.map { row in
      zip(row, best).map { cost, best in
        cost == .infinity ? .infinity : cost == best ? 1 : cost / best
      }
    }
  }

  /// ρ(τ): the share of problems on which the method costs at most `tau` times the best.
  public func fraction(method: Int, within tau: Double) -> Double {
    Double(ratios[method].count { $0 <= tau }) / Double(ratios[method].count)
  }

  /// AlgoPerf's benchmark score B = 1/(r − 1) ∫₁ʳ ρ(τ) dτ with r = `maximum` (Dahl et al., 2023).
  ///
  /// The integral of the step function is exact, the mean over problems of max(0, r − ratio)/(r − 1);
  /// AlgoPerf's own code samples ρ at a hundred points.
  public func score(method: Int, upTo maximum: Double = 4) -> Double {
    precondition(maximum > 1, "a score up to the ratio \(maximum)")
    let parts = self.parts(method: method, upTo: maximum)
    return parts.reduce(0, +) / Double(parts.count)
  }

  /// What each problem adds to the score of a method: the score is their mean.
  public func parts(method: Int, upTo maximum: Double = 4) -> [Double] {
    ratios[method].map { max(0, maximum - $0) / (maximum - 1) }
  }

  /// The same as AlgoPerf's code computes it: the trapezoidal rule over ρ at `points` equally spaced factors
  /// from 1 to `maximum`.
  ///
  /// A problem counts from the first of these factors that is at least its ratio, with half the step before
  /// it. The factors are those of NumPy's `linspace`, in the same rounding.
  public func sampledScore(method: Int, upTo maximum: Double = 4, points: Int = 100) -> Double {
    precondition(points >= 2, "a score over \(points) factors")
    let step = (maximum - 1) / Double(points - 1)
    let factors: [Double] = (0..<points).map { index in
      index == points - 1 ? maximum : Double(index) * step + 1
    }
    let shares: [Double] = factors.map { fraction(method: method, within: $0) }
    var area = 0.0
    for index in 1..<points {
      let height = (shares[index - 1] + shares[index]) / 2
      area += height * (factors[index] - factors[index - 1])
    }
    return area / (maximum - 1)
  }
}
