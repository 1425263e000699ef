/// The distribution function of Student's t with `degreesOfFreedom` > 0.
package func studentDistribution(_ t: Double, degreesOfFreedom: Double) -> Double {
  precondition(degreesOfFreedom > 0, "\(degreesOfFreedom) degrees of freedom")
  if t.isInfinite { return t > 0 ? 1 : 0 }
  let x = degreesOfFreedom / (degreesOfFreedom + t * t)
  let tail = regularizedIncompleteBeta(x, degreesOfFreedom / 2, 0.5) / 2
  return t > 0 ? 1 - tail : tail
}

/// The `t` at which Student's distribution reaches `p`, with 0 < p < 1.
package func studentQuantile(_ p: Double, degreesOfFreedom: Double) -> Double {
  requireProbability(p)
  // The lower half keeps its precision; the upper follows by symmetry.
  if p > 0.5 { return -studentQuantile(1 - p, degreesOfFreedom: degreesOfFreedom) }
  if p == 0.5 { return 0 }
  let x = inverseRegularizedIncompleteBeta(2 * p, degreesOfFreedom / 2, 0.5)
  return -(degreesOfFreedom * (1 - x) / x).squareRoot()
}
