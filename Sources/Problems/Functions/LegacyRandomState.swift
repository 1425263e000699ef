import Tensors

/// NumPy's `RandomState(seed)` for an integer seed: the Mersenne Twister MT19937 (Matsumoto &
/// Nishimura, 1998) with NumPy's uniform and normal numbers, frozen by its NEP 19. Test problems of
/// other benchmarks are defined by it.
struct LegacyRandomState {
  private var words: [UInt32]
  private var position = 624
  private var spareNormal: Double?

  init(seed: UInt32) {
    words = [seed]
    words.reserveCapacity(624)
    for index in 1..<624 {
      let last = words[index - 1]
      words.append(1_812_433_253 &* (last ^ last >> 30) &+ UInt32(index))
    }
  }

  /// A number in [0, 1): 53 bits.
  mutating func uniform() -> Double {
    let high = nextWord() >> 5
    let low = nextWord() >> 6
    return (Double(high) * 67_108_864 + Double(low)) / 9_007_199_254_740_992
  }

  mutating func uniform(_ lower: Double, _ upper: Double) -> Double {
    lower + (upper - lower) * uniform()
  }

  /// A standard normal number by the polar method (Marsaglia & Bray, 1964), which makes two.
  mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let first = 2 * uniform() - 1
      let second = 2 * uniform() - 1
      let square = first * first + second * second
      guard square < 1, square != 0 else { continue }
      let factor = (-2 * logarithm(square) / square).squareRoot()
      spareNormal = factor * first
      return factor * second
    }
  }

  private mutating func nextWord() -> UInt32 {
    if position == 624 { advance() }
    var word = words[position]
    position += 1
    word ^= word >> 11
    word ^= word << 7 & 0x9D2C_5680
    word ^= word << 15 & 0xEFC6_0000
    return word ^ word >> 18
  }

  private mutating func advance() {
    for index in 0..<624 {
      let mixed = words[index] & 0x8000_0000 | words[(index + 1) % 624] & 0x7FFF_FFFF
      words[index] =
        words[(index + 397) % 624] ^ mixed >> 1 ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    position = 0
  }
}
