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
/// The cosine of an angle in radians.
public func cosine(_ x: Double) -> Double { cos(x) }
/// The sine of an angle in radians.
public func sine(_ x: Double) -> Double { sin(x) }
/// `base` to the power `exponent`.
public func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
