internal import CVector

/// A stream of random numbers that depends on a seed and a name only: Philox4x32-10
/// (Salmon, Moraes, Dror & Shaw, 2011), counter-based, so that any position can be computed alone.
///
/// Block `b` of the stream is `philox(counter: (b mod 2³², b div 2³², seed div 2³², part),
/// key: (seed mod 2³², hash(name)))` with the 32-bit FNV-1a hash of the name's UTF-8 bytes and
/// part 0 unless the stream is one of several, one for each step for example.
/// Anyone can regenerate a stream from this, in NumPy for example.
public struct RandomStream: Sendable {
  private let key: SIMD2<UInt32>
  private let seedHigh: UInt32
  private let part: UInt32
  private var block: UInt64 = 0
  private var words: SIMD4<UInt32> = .zero
  private var used = 4
  private var spareNormal: Double?

  /// The stream called `name` of the run with seed `seed`, or one of its parts.
  public init(seed: UInt64, name: String, part: UInt32 = 0) {
    var hash: UInt32 = 2_166_136_261
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    key = SIMD2(UInt32(truncatingIfNeeded: seed), hash)
    seedHigh = UInt32(truncatingIfNeeded: seed >> 32)
    self.part = part
  }

  /// Continues with block `block`, as the stream does after 4·`block` words.
  public mutating func jump(toBlock block: UInt64) {
    self.block = block
    used = 4
    spareNormal = nil
  }

  /// The next 32 random bits.
  public mutating func nextWord() -> UInt32 {
    if used == 4 {
      words = philox4x32(
        counter: SIMD4(
          UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), seedHigh, part
        ),
        key: key)
      block += 1
      used = 0
    }
    defer { used += 1 }
    return words[used]
  }

  /// A number in [0, 1): 53 bits from two words, the first the higher.
  public mutating func uniform() -> Double {
    let high = UInt64(nextWord() >> 5)
    let low = UInt64(nextWord() >> 6)
    return Double(high << 26 | low) * 0x1p-53
  }

  /// An integer in `0..<bound` without bias (Lemire, 2019). `bound` is positive.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0 && bound <= Int(UInt32.max), "no integer below \(bound)")
    let range = UInt32(bound)
    var product = UInt64(nextWord()) * UInt64(range)
    if UInt32(truncatingIfNeeded: product) < range {
      let threshold = (0 &- range) % range
      while UInt32(truncatingIfNeeded: product) < threshold {
        product = UInt64(nextWord()) * UInt64(range)
      }
    }
    return Int(product >> 32)
  }

  /// A standard normal number: Box–Muller, `√(−2 ln(1−u₁))·cos(2πu₂)`, then the same with `sin`.
  public mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let first = uniform()
    let second = uniform()
    let radius = (-2 * logarithm(1 - first)).squareRoot()
    let angle = 2 * Double.pi * second
    spareNormal = radius * sine(angle)
    return radius * cosine(angle)
  }

  /// Writes the sixteen normal numbers of the next eight blocks, two of each, many times faster than
  /// one by one; what is left of a block is skipped.
  ///
  /// They differ from those of `normal()` by 1e-14 at most, where the C library's logarithm and cosine
  /// round otherwise: their own are made of IEEE operations alone.
  public mutating func nextSixteenNormals(into target: UnsafeMutablePointer<Double>) {
    cvector_normals(block, seedHigh, part, key[0], key[1], target)
    jump(toBlock: block + 8)
  }

  /// Puts `values` in random order: Fisher–Yates from the end.
  public mutating func shuffle<Value>(_ values: inout [Value]) {
    guard values.count > 1 else { return }
    for index in stride(from: values.count - 1, to: 0, by: -1) {
      values.swapAt(index, integer(below: index + 1))
    }
  }
}

/// Ten rounds of Philox4x32 (Salmon et al., 2011).
package func philox4x32(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
  var counter = counter
  var key = key
  for _ in 0..<10 {
    let first = UInt64(0xD251_1F53) * UInt64(counter[0])
    let second = UInt64(0xCD9E_8D57) * UInt64(counter[2])
    counter = SIMD4(
      UInt32(truncatingIfNeeded: second >> 32) ^ counter[1] ^ key[0],
      UInt32(truncatingIfNeeded: second),
      UInt32(truncatingIfNeeded: first >> 32) ^ counter[3] ^ key[1],
      UInt32(truncatingIfNeeded: first))
    key = SIMD2(key[0] &+ 0x9E37_79B9, key[1] &+ 0xBB67_AE85)
  }
  return counter
}
