/// P-values adjusted for testing all of them together, by Holm's step-down method (Holm, 1979).
///
/// In ascending order the i-th of m (from 0) becomes the largest of (m − j)·pⱼ over j ≤ i, at most
/// 1. The probability of any false rejection stays below the level at which the adjusted values are
/// read, whatever the dependence between the tests.
/// - Returns: The adjusted values, in the order of `pValues`.
public func holmAdjusted(_ pValues: [Double]) -> [Double] {
  for value in pValues { precondition(value >= 0 && value <= 1, "\(value) is not a probability") }
  let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
  var adjusted = pValues
  var largest = 0.0
  for (position, index) in order.enumerated() {
    largest = max(largest, Double(pValues.count - position) * pValues[index])
    adjusted[index] = min(largest, 1)
  }
  return adjusted
}
