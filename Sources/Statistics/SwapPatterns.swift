internal import Tensors

/// All patterns of swapping the members of `units` pairs, or the observed one and random ones where
/// there are more than `1 << exactLimit`. The first pattern swaps nothing.
struct SwapPatterns {
  /// The most units of which all patterns are tried.
  static let exactLimit = 14

  private let units: Int
  private let count: Int
  private var index = 0
  private var stream: RandomStream

  init(units: Int, seed: UInt64) {
    self.units = units
    count = 1 << min(units, Self.exactLimit)
    stream = RandomStream(seed: seed, name: "sign-flips")
  }

  /// Whether each unit is swapped in the next pattern; nil after the last.
  mutating func next() -> [Bool]? {
    guard index < count else { return nil }
    defer { index += 1 }
    if units <= Self.exactLimit {
      return (0..<units).map { index >> $0 & 1 == 1 }
    }
    return (0..<units).map { _ in index > 0 && stream.integer(below: 2) == 1 }
  }
}
