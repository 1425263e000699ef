internal import Tensors

/// P(X ≥ x) for a chi-squared variable with a whole number of degrees of freedom.
///
/// Q(½, y) = erfc(√y) and Q(1, y) = exp(−y) with y = x/2, then Q(a + 1, y) = Q(a, y) +
/// yᵃ exp(−y) / Γ(a + 1) (Abramowitz & Stegun, 1964, 6.5.21): only positive terms, so nothing
/// cancels.
package func chiSquaredSurvival(_ x: Double, degreesOfFreedom: Int) -> Double {
  precondition(degreesOfFreedom > 0, "\(degreesOfFreedom) degrees of freedom")
  if x <= 0 { return 1 }
  if x == .infinity { return 0 }
  let y = x / 2
  var a = degreesOfFreedom.isMultiple(of: 2) ? 1.0 : 0.5
  var survival =
    degreesOfFreedom.isMultiple(of: 2)
    ? exponential(-y) : complementaryErrorFunction(y.squareRoot())
  while a < Double(degreesOfFreedom) / 2 {
    survival += exponential(a * logarithm(y) - y - logarithmOfGamma(a + 1))
    a += 1
  }
  return min(survival, 1)
}
