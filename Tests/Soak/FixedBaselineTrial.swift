import Analysis
import Tensors

/// How often one baseline, kept for many comparisons, fails equal code on other seeds (`pairing: order`).
///
/// The stated share of false alarms is that over baselines; a single one may have drawn seeds that are
/// unlike most others.
struct FixedBaselineTrial {
  let size: Int
  let comparisonsOfEach: Int
  /// The share of comparisons that failed, for each baseline, ascending.
  let rates: [Double]

  /// Draws `baselines` baselines of `size` seeds, and for each of them results of as many others.
  init(
    _ pool: SeedPool, policy: GatePolicy, size: Int, baselines: Int, comparisonsOfEach: Int
  ) {
    self.size = size
    self.comparisonsOfEach = comparisonsOfEach
    rates = (0..<baselines).map { number in
      var stream = RandomStream(seed: 0, name: "fixed-baseline", part: UInt32(number))
      var drawn = pool.seeds
      stream.shuffle(&drawn)
      let baseline = drawn[..<size]
      var others = Array(drawn[size...])
      let alarms = (0..<comparisonsOfEach).count { _ in
        stream.shuffle(&others)
        let pairs = zip(baseline, others).map { (baseline: $0, current: $1) }
        return !pool.comparison(of: pairs, policy: policy).isPassed
      }
      return Double(alarms) / Double(comparisonsOfEach)
    }.sorted()
  }

  var mean: Double { rates.reduce(0, +) / Double(rates.count) }
  var highest: Double { rates.last ?? .nan }

  /// The share of baselines that fail more often than stated.
  func share(above significance: Double) -> Double {
    Double(rates.count { $0 > significance }) / Double(rates.count)
  }
}
