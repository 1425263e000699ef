import Tensors

/// Elementary functions of sixteen floats at a time, built from plain products and sums, so that a
/// binary gives the same bits on every machine it runs on.
enum LaneFunctions {
  /// eˣ with a relative error below 1.2e-7 (the polynomial of Moshier's Cephes, `expf`).
  ///
  /// Above 88.722 it is infinite; below −87.336, where the result would be denormal, it is 0: the
  /// C library gives the denormal number. NaN stays NaN.
  @inline(__always)
  static func exponential(_ x: Lanes) -> Lanes {
    // Adding 1.5·2²³ rounds to the nearest integer and leaves it in the low bits.
    let shift = Lanes(repeating: 12_582_912)
    let shifted = x * Lanes(repeating: 1.442_695_04) + shift
    let power = shifted - shift
    let rest =
      (x - power * Lanes(repeating: 0.693_359_375)) - power * Lanes(repeating: -2.121_944_4e-4)
    var y = Lanes(repeating: 1.987_569_15e-4)
    y = y * rest + Lanes(repeating: 1.398_199_95e-3)
    y = y * rest + Lanes(repeating: 8.333_451_9e-3)
    y = y * rest + Lanes(repeating: 4.166_579_59e-2)
    y = y * rest + Lanes(repeating: 1.666_666_55e-1)
    y = y * rest + Lanes(repeating: 5.000_000_12e-1)
    y = y * (rest * rest) + rest + Lanes(repeating: 1)
    // 2ⁿ in two factors: n itself may lie outside the range of exponents.
    let n = unsafeBitCast(shifted, to: Words.self) &- unsafeBitCast(shift, to: Words.self)
    let half = n &>> Words(repeating: 1)
    y = y * powerOfTwo(half) * powerOfTwo(n &- half)
    y.replace(with: Lanes(repeating: .infinity), where: x .> Lanes(repeating: 88.722_84))
    y.replace(with: Lanes.zero, where: x .< Lanes(repeating: -87.336_55))
    return y
  }

  /// tanh x with an absolute error below 1.2e-7: Cephes' polynomial up to |x| = 0.625, then
  /// 1 − 2/(e²ˣ + 1).
  @inline(__always)
  static func hyperbolicTangent(_ x: Lanes) -> Lanes {
    let signs = unsafeBitCast(x, to: Words.self) & Words(repeating: .min)
    let magnitude = unsafeBitCast(unsafeBitCast(x, to: Words.self) ^ signs, to: Lanes.self)
    let square = x * x
    var y = Lanes(repeating: -5.704_988_73e-3)
    y = y * square + Lanes(repeating: 2.063_908_88e-2)
    y = y * square + Lanes(repeating: -5.373_971_56e-2)
    y = y * square + Lanes(repeating: 1.333_144_22e-1)
    y = y * square + Lanes(repeating: -3.333_328_19e-1)
    y = y * square * x + x
    let one = Lanes(repeating: 1)
    let far = one - Lanes(repeating: 2) / (exponential(magnitude + magnitude) + one)
    let signed = unsafeBitCast(unsafeBitCast(far, to: Words.self) ^ signs, to: Lanes.self)
    // A comparison with NaN is false, so NaN takes the second form, which keeps it.
    return signed.replacing(with: y, where: magnitude .< Lanes(repeating: 0.625))
  }

  /// 1/(1 + e⁻ˣ).
  @inline(__always)
  static func logistic(_ x: Lanes) -> Lanes {
    let one = Lanes(repeating: 1)
    return one / (one + exponential(Lanes.zero - x))
  }

  /// The standard normal distribution: Φ(x) with an absolute error below 3e-7, relative below 2e-6
  /// in the lower tail, and the density φ(x) = e^(−x²/2)/√2π.
  ///
  /// Φ(−u) = e^(−u²/2)·t·P(t) with t = 1/(1 + 0.265u), after Hastings (1955); P is fitted to a
  /// relative error of 1.2e-8 for u up to 14, where Φ(−u) is below the normal floats.
  @inline(__always)
  static func normalDistribution(_ x: Lanes) -> (cumulative: Lanes, density: Lanes) {
    let signs = unsafeBitCast(x, to: Words.self) & Words(repeating: .min)
    let magnitude = unsafeBitCast(unsafeBitCast(x, to: Words.self) ^ signs, to: Lanes.self)
    let one = Lanes(repeating: 1)
    let t = one / (one + Lanes(repeating: 0.265) * magnitude)
    var p = Lanes(repeating: 0.030_820_784)
    p = p * t + Lanes(repeating: -0.144_228_286)
    p = p * t + Lanes(repeating: 0.217_814_295)
    p = p * t + Lanes(repeating: -0.116_361_899)
    p = p * t + Lanes(repeating: 0.137_952_649)
    p = p * t + Lanes(repeating: 0.060_313_285_1)
    p = p * t + Lanes(repeating: 0.102_700_941)
    p = p * t + Lanes(repeating: 0.105_246_669)
    p = p * t + Lanes(repeating: 0.105_741_564)
    let bell = exponential(x * x * Lanes(repeating: -0.5))
    let lower = p * t * bell
    let cumulative = (one - lower).replacing(with: lower, where: x .< Lanes.zero)
    return (cumulative, bell * Lanes(repeating: 0.398_942_28))
  }

  /// ln(1 + u) for u from 0 to 1 with a relative error below 3e-7: 2·artanh(s), s = u/(2 + u), as
  /// its series up to s¹⁷.
  @inline(__always)
  static func logarithmOfOnePlus(_ u: Lanes) -> Lanes {
    let s = u / (Lanes(repeating: 2) + u)
    let square = s * s
    var y = Lanes(repeating: 2.0 / 17)
    y = y * square + Lanes(repeating: 2.0 / 15)
    y = y * square + Lanes(repeating: 2.0 / 13)
    y = y * square + Lanes(repeating: 2.0 / 11)
    y = y * square + Lanes(repeating: 2.0 / 9)
    y = y * square + Lanes(repeating: 2.0 / 7)
    y = y * square + Lanes(repeating: 2.0 / 5)
    y = y * square + Lanes(repeating: 2.0 / 3)
    y = y * square + Lanes(repeating: 2)
    return y * s
  }

  /// The largest lane; NaN lanes count as absent.
  @inline(__always)
  static func maximum(_ x: Lanes) -> Float {
    let eight = larger(x.lowHalf, x.highHalf)
    let four = larger(eight.lowHalf, eight.highHalf)
    return max(max(four[0], four[1]), max(four[2], four[3]))
  }

  @inline(__always)
  private static func larger(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
    a.replacing(with: b, where: .!(a .>= b))
  }

  @inline(__always)
  private static func larger(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> {
    a.replacing(with: b, where: .!(a .>= b))
  }

  private typealias Words = SIMD16<Int32>

  @inline(__always)
  private static func powerOfTwo(_ exponent: Words) -> Lanes {
    unsafeBitCast(
      (exponent &+ Words(repeating: 127)) &<< Words(repeating: 23), to: Lanes.self)
  }
}
