/// P(R ≤ q) for the range R of `groups` independent standard normal variables: the studentized
/// range with infinitely many degrees of freedom, k ∫ φ(z) (Φ(z) − Φ(z − q))ᵏ⁻¹ dz.
///
/// The trapezoidal rule converges exponentially for a smooth integrand that vanishes at both ends
/// (Trefethen & Weideman, 2014): 1e-13 with this step.
package func studentizedRangeDistribution(_ q: Double, groups: Int) -> Double {
  precondition(groups >= 2, "the range of \(groups) groups")
  if q <= 0 { return 0 }
  let step = 1.0 / 16
  var sum = 0.0
  for index in -160...160 {
    let z = Double(index) * step
    let inside = normalDistribution(z) - normalDistribution(z - q)
    var power = 1.0
    for _ in 1..<groups { power *= inside }
    sum += normalDensity(z) * power
  }
  return min(Double(groups) * sum * step, 1)
}

/// The `q` that the studentized range exceeds with probability `alpha`.
package func studentizedRangeCriticalValue(groups: Int, alpha: Double) -> Double {
  requireProbability(alpha)
  return bisect(from: 0, to: 100) {
    studentizedRangeDistribution($0, groups: groups) < 1 - alpha
  }
}
