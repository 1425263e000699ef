/// P(x < y) + ½ P(x = y) over all pairs: how likely a run of the first method beats one of the
/// second, where smaller is better (the probability of improvement of Agarwal et al., 2021; the
/// Mann–Whitney U over n·m).
///
/// ½ says that neither is better. +∞ ties with +∞. Both samples have at least one value; NaN and
/// −∞ trap.
public func probabilityOfImprovement(_ x: [Double], _ y: [Double]) -> Double {
  requireCosts(x)
  requireCosts(y)
  var halves = 0
  for first in x {
    for second in y { halves += first < second ? 2 : first == second ? 1 : 0 }
  }
  return Double(halves) / Double(2 * x.count * y.count)
}
