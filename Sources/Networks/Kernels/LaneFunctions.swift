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
