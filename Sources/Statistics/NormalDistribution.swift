internal import Tensors

/// Φ(z), the distribution function of the standard normal distribution.
package func normalDistribution(_ z: Double) -> Double {
  complementaryErrorFunction(-z / 2.0.squareRoot()) / 2
}

/// The `z` at which Φ(z) reaches `p`, with 0 < p < 1.
package func normalQuantile(_ p: Double) -> Double {
  requireProbability(p)
  // The lower half keeps its precision; the upper follows by symmetry.
  if p > 0.5 { return -normalQuantile(1 - p) }
  if p == 0.5 { return 0 }
  return bisect(from: -40, to: 0) { normalDistribution($0) < p }
}

/// The density of the standard normal distribution.
func normalDensity(_ z: Double) -> Double {
  exponential(-z * z / 2) / (2 * Double.pi).squareRoot()
}
