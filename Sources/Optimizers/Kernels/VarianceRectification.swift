internal import Tensors

/// r·√(1 − β₂ᵗ), the factor by which Liu et al. (2020) rectify the variance of 1/√v after t updates:
///
///     ρ∞ = 2/(1 − β₂) − 1            ρ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ)
///     r² = (ρ − 4)(ρ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρ)
///
/// nil while ρ ≤ 5: v has too few samples.
func varianceRectification(decay: Double, updates: Double) -> Double? {
  let decayed = power(decay, updates)
  let longest = 2 / (1 - decay) - 1
  let length = longest - 2 * updates * decayed / (1 - decayed)
  guard length > 5 else { return nil }
  let ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
  return (ratio * (1 - decayed)).squareRoot()
}
