internal import Tensors

/// A factor that need not be a normal `Float`, such as 1/‖g‖ where ‖g‖ is 1e38: two that are, and one
/// of them 1 as a rule.
struct SplitFactor {
  private let first: Lanes
  private let second: Lanes

  init(_ factor: Double) {
    guard Vector.needsDouble(factor) else {
      first = Lanes(repeating: Float(factor))
      second = .one
      return
    }
    // A power of two as near to 1 as leaves the other half in range.
    let half = max(min(factor.exponent, 250), -250) / 2
    let power = Double(sign: .plus, exponent: half, significand: 1)
    first = Lanes(repeating: Float(power))
    second = Lanes(repeating: Float(factor / power))
  }

  /// x times the factor.
  @inline(__always)
  func times(_ x: Lanes) -> Lanes { x * first * second }
}
