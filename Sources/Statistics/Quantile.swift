/// The quantile of `values` at `p` in [0, 1]: linear interpolation between the order statistics
/// around position (n − 1)p, NumPy's default (type 7 of Hyndman & Fan, 1996).
///
/// `values` has at least one element and need not be sorted. +∞ is allowed, as the cost of a failed
/// run: any interpolation towards it is +∞ (NumPy's gives NaN between two infinities). NaN and −∞
/// trap.
public func quantile(_ values: [Double], _ p: Double) -> Double {
  precondition(p >= 0 && p <= 1, "no quantile at \(p)")
  return quantile(ofSorted: sortedCosts(values), p)
}

/// The median: the quantile at ½, with the same rules for +∞ and NaN.
public func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

/// The quantile of values already in ascending order.
func quantile(ofSorted sorted: [Double], _ p: Double) -> Double {
  let position = Double(sorted.count - 1) * p
  let index = min(Int(position), sorted.count - 1)
  let fraction = position - Double(index)
  let lower = sorted[index]
  if fraction == 0 { return lower }
  let upper = sorted[index + 1]
  guard upper.isFinite else { return upper }
  // From the nearer end, as NumPy does, so that equal neighbours give themselves.
  let difference = upper - lower
  return fraction < 0.5 ? lower + difference * fraction : upper - difference * (1 - fraction)
}

/// `values` in ascending order; traps on an empty list, NaN and −∞.
func sortedCosts(_ values: [Double]) -> [Double] {
  requireCosts(values)
  return values.sorted()
}

/// Traps unless there are values and each is a finite number or +∞.
func requireCosts(_ values: [Double]) {
  precondition(!values.isEmpty, "a statistic of no values")
  for value in values {
    precondition(value > -.infinity, "\(value) among the values; a failed run counts as +inf")
  }
}
