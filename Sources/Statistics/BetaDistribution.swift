internal import Tensors

/// The regularised incomplete beta function Iₓ(a, b), for `a`, `b` > 0 and 0 ≤ x ≤ 1: the
/// distribution function of the beta distribution.
///
/// The continued fraction 26.5.8 of Abramowitz and Stegun (1964), evaluated by Lentz's method,
/// on the side of the mean where it converges fast. The relative error grows with `a + b`: 1e-13
/// at a hundred, 1e-10 at a hundred thousand.
package func regularizedIncompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  precondition(a > 0 && b > 0 && x >= 0 && x <= 1, "no incomplete beta I(\(x); \(a), \(b))")
  if x == 0 || x == 1 { return x }
  if x > (a + 1) / (a + b + 2) { return 1 - regularizedIncompleteBeta(1 - x, b, a) }
  let logarithmOfFactor =
    logarithmOfGamma(a + b) - logarithmOfGamma(a) - logarithmOfGamma(b)
    + a * logarithm(x) + b * logarithmOfOnePlus(-x)
  return exponential(logarithmOfFactor) / a * betaContinuedFraction(x, a, b)
}

/// The `x` at which Iₓ(a, b) reaches `p`.
package func inverseRegularizedIncompleteBeta(_ p: Double, _ a: Double, _ b: Double) -> Double {
  precondition(p >= 0 && p <= 1, "\(p) is not a probability")
  if p == 0 || p == 1 { return p }
  return bisect(from: 0, to: 1) { regularizedIncompleteBeta($0, a, b) < p }
}

private func betaContinuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  func awayFromZero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / awayFromZero(1 - (a + b) * x / (a + 1))
  var fraction = d
  // The number of terms grows as the root of the larger parameter.
  let limit = 200 + 10 * Int(max(a, b).squareRoot())
  for term in 1...limit {
    let m = Double(term)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    fraction *= c * d
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    fraction *= c * d
    if abs(c * d - 1) < 1e-16 { break }
  }
  return fraction
}
