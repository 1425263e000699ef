internal import Tensors

/// The power of two by which a matrix's gradients are divided where their products would leave the range
/// of `Float`: 2^k, and k = 0 as a rule.
///
/// Second moments of gradients in units of 2^k are smaller by 2^(−2k). The exponent stands in the rule's
/// state, in an array of one element for each matrix, since matrices differ in their scale.
enum GradientUnit {
  /// The sizes of gradients whose products `Float` holds as they are.
  static let usual = 1e-15...1e15

  /// k for gradients and roots of second moments of up to `size`; as before where there is no size.
  static func exponent(for size: Double, before: Int) -> Int {
    guard size > 0, size.isFinite else { return before }
    return usual.contains(size) ? 0 : size.exponent
  }

  /// 2^k.
  static func factor(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }

  /// The root of a second moment's trace, in units of the gradient.
  ///
  /// - Parameter stride: From one element of the diagonal to the next.
  static func size(
    ofDiagonal moment: UnsafePointer<Float>, order: Int, stride: Int, exponent: Int
  ) -> Double {
    var trace = 0.0
    for index in 0..<order { trace += Double(moment[index * stride]) }
    return trace.squareRoot() * factor(exponent)
  }

  /// Writes second moments in other units.
  static func change(
    _ moments: UnsafeMutablePointer<Float>, count: Int, from before: Int, to exponent: Int
  ) {
    guard before != exponent else { return }
    Vector.scaleInRange(
      moments, by: factor(2 * (before - exponent)), into: moments, count: count)
  }
}
