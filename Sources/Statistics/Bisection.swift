/// The point of `[lower, upper]` at which `isBelow` turns from true to false, to the last bit.
///
/// Slower than Newton's method and never wrong: a quantile is needed a few hundred times in a
/// report.
func bisect(from lower: Double, to upper: Double, isBelow: (Double) -> Bool) -> Double {
  var lower = lower
  var upper = upper
  while true {
    let middle = lower + (upper - lower) / 2
    guard middle > lower, middle < upper else { return upper }
    if isBelow(middle) { lower = middle } else { upper = middle }
  }
}
