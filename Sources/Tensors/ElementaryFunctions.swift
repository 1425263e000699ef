#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// The C library's functions under their full names, so that nothing above this module imports a
// platform's C library for a logarithm.

/// The natural logarithm.
public func logarithm(_ x: Double) -> Double { log(x) }
/// The exponential function.
public func exponential(_ x: Double) -> Double { exp(x) }
/// The hyperbolic tangent.
public func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
/// The cosine of an angle in radians.
public func cosine(_ x: Double) -> Double { cos(x) }
/// The sine of an angle in radians.
public func sine(_ x: Double) -> Double { sin(x) }
/// `base` to the power `exponent`.
public func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
/// The logarithm to base 10.
public func decimalLogarithm(_ x: Double) -> Double { log10(x) }
/// ln(1 + x), accurate for small `x`.
public func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
/// ln |Γ(x)|.
public func logarithmOfGamma(_ x: Double) -> Double { lgamma(x).0 }
/// erfc(x) = 2/√π ∫ₓ^∞ exp(−t²) dt, accurate far into the tail.
public func complementaryErrorFunction(_ x: Double) -> Double { erfc(x) }

/// The angle of the point (x, y), from −π to π.
public func arcTangent(_ y: Double, over x: Double) -> Double { atan2(y, x) }

/// The double nearest to the decimal number with `count` significant digits nearest to the positive
/// `value`.
public func rounded(_ value: Double, toSignificantDigits count: Int) -> Double {
  var exponent = Int((logarithm(value) / logarithm(10)).rounded(.down)) - (count - 1)
  var digits = (value / power(10, Double(exponent))).rounded()
  if digits >= power(10, Double(count)).rounded() {
    digits = (digits / 10).rounded()
    exponent += 1
  }
  // Read as decimal text, because 10 to a negative power is not a double.
  return Double("\(Int(digits))e\(exponent)") ?? value
}
