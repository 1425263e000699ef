/// Draws a mutation of an input.
struct Mutator {
  private var state: UInt64
  private let words: [[UInt8]]

  /// - Parameter words: What the format is made of.
  init(seed: UInt64, words: [String]) {
    state = seed &+ 0x9E37_79B9_7F4A_7C15
    self.words = words.map { Array($0.utf8) }
  }

  /// SplitMix64 (Steele, Lea & Flood, 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func below(_ bound: Int) -> Int {
    bound <= 1 ? 0 : Int(next() % UInt64(bound))
  }

  /// Numbers at which sizes and counts go wrong.
  private static let integers: [UInt64] = [
    0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 40,
    0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, .max,
  ]
  private static let texts = [
    "1000000000000000000", "-1", "0", "1e309", "-1e-400", ".inf", "nan", ".nan", "null", "true",
    "[1000000000]", "99999999999999999999999999", "\u{0}", "\u{FEFF}", "\u{202E}", "&a ", "*a",
    "<<: ", "!!binary ",
    "{", "}", "[", "]", ": ", "- ", "\n", "\t", "\"", "'", "#", ",", "é",
    "\u{1F469}\u{200D}\u{1F52C}",
  ].map { Array($0.utf8) }

  /// One of `seeds` with one to eight changes.
  mutating func mutated(_ seeds: [[UInt8]]) -> [UInt8] {
    guard !seeds.isEmpty else { return [] }
    var bytes = seeds[below(seeds.count)]
    for _ in 0..<(1 << below(4)) { change(&bytes, seeds) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
    let place = below(bytes.count + 1)
    let length = min(1 << below(8), bytes.count - place)
    switch below(12) {
    case 0 where !bytes.isEmpty: bytes[min(place, bytes.count - 1)] ^= 1 << UInt8(below(8))
    case 1 where !bytes.isEmpty:
      bytes[min(place, bytes.count - 1)] = UInt8(truncatingIfNeeded: next())
    case 2: bytes.removeSubrange(place..<place + length)
    case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: below(bytes.count + 1))
    case 4: bytes.removeLast(bytes.count - place)
    case 5:
      let other = seeds[below(seeds.count)]
      let start = below(other.count + 1)
      let count = min(1 << below(9), other.count - start)
      bytes.insert(contentsOf: other[start..<start + count], at: place)
    case 6:
      let size = 1 << below(4)
      guard place + size <= bytes.count else { return }
      let value = Self.integers[below(Self.integers.count)]
      let isBigEndian = below(2) == 1
      for index in 0..<size {
        let shift = 8 * (isBigEndian ? size - 1 - index : index)
        bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(shift))
      }
    case 7: bytes.insert(contentsOf: Self.texts[below(Self.texts.count)], at: place)
    case 8, 9:
      guard !words.isEmpty else { return }
      let word = words[below(words.count)]
      if below(2) == 0 {
        bytes.insert(contentsOf: word, at: place)
      } else {
        bytes.replaceSubrange(place..<place + min(word.count, bytes.count - place), with: word)
      }
    case 10: number(near: place, in: &bytes)
    default:
      // Many times the same, as depth and width.
      let piece = Array(bytes[place..<place + min(length, 16)])
      for _ in 0..<(1 << below(10)) { bytes.insert(contentsOf: piece, at: place) }
    }
  }

  /// Puts another number in the place of one in digits.
  private mutating func number(near place: Int, in bytes: inout [UInt8]) {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: Self.texts[below(12)])
  }
}
