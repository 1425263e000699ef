/// The mean of the middle half: ⌊n/4⌋ values are dropped at either end (the IQM of Agarwal et al.,
/// 2021; SciPy's `trim_mean(values, 0.25)`).
///
/// +∞ within the kept half gives +∞, so a method is charged for failures once they are a quarter of
/// its runs. At least one value; NaN and −∞ trap.
public func interquartileMean(_ values: [Double]) -> Double {
  let sorted = sortedCosts(values)
  let cut = sorted.count / 4
  let kept = sorted[cut..<(sorted.count - cut)]
  return kept.reduce(0, +) / Double(kept.count)
}
