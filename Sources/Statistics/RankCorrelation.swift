/// Spearman's rank correlation ρ: Pearson's correlation of the midranks, 1 for the same order and −1 for
/// the reverse (Spearman, 1904). nil with fewer than two values or where one side has only ties.
public func rankCorrelation(_ first: [Double], _ second: [Double]) -> Double? {
  precondition(first.count == second.count, "\(first.count) values beside \(second.count)")
  guard first.count > 1 else { return nil }
  let a = midranks(first)
  let b = midranks(second)
  let mean = Double(first.count + 1) / 2
  var covariance = 0.0
  var variances = (0.0, 0.0)
  for index in a.indices {
    covariance += (a[index] - mean) * (b[index] - mean)
    variances.0 += (a[index] - mean) * (a[index] - mean)
    variances.1 += (b[index] - mean) * (b[index] - mean)
  }
  guard variances.0 > 0, variances.1 > 0 else { return nil }
  return covariance / (variances.0 * variances.1).squareRoot()
}
