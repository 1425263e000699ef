internal import Tensors

/// Points of the unit cube that fill it more evenly than random ones: coordinate j of point n is the
/// radical inverse of n in the base of the j-th prime, Σ dₖ bᵏ⁻¹⁻… = 0.d₀d₁d₂…, its digits in reverse order
/// behind the point (Halton, 1960).
///
/// Scrambled, each digit's place has a random permutation of its own (Owen, 2017), the same for all points:
/// that breaks the correlation of coordinates with large bases, and the first points are as good as later
/// ones. Coordinate j depends on the seed and j alone, so that a cube of fewer dimensions has the same
/// coordinates.
public struct HaltonSequence: Sendable {
  /// The base of each dimension.
  public let bases: [Int]
  /// By dimension, then place of the digit: where each digit goes; empty without scrambling.
  public let permutations: [[[Int]]]

  /// - Parameter seed: Of the permutations; nil for the sequence as Halton gives it.
  public init(dimensions: Int, seed: UInt64?) {
    let bases = Self.primes(dimensions)
    let permutations = seed.map { seed in
      bases.enumerated().map { dimension, base in
        var random = RandomStream(seed: seed, name: "halton", part: UInt32(dimension))
        return (0..<Self.places(base)).map { _ in
          var digits = Array(0..<base)
          random.shuffle(&digits)
          return digits
        }
      }
    }
    self.init(bases: bases, permutations: permutations ?? [])
  }

  /// - Parameter permutations: By dimension, then place; empty for none.
  package init(bases: [Int], permutations: [[[Int]]]) {
    self.bases = bases
    self.permutations = permutations
  }

  /// Point `index`, from 0; each coordinate within [0, 1).
  public func point(_ index: Int) -> [Double] {
    precondition(index >= 0, "no point \(index)")
    return bases.enumerated().map { dimension, base in
      var rest = index
      var weight = 1.0
      var sum = 0.0
      // A permutation may move 0, so that leading zeros count as well.
      for place in 0..<Self.places(base) {
        weight /= Double(base)
        let digit = rest % base
        rest /= base
        sum += Double(permutations.isEmpty ? digit : permutations[dimension][place][digit]) * weight
      }
      return min(sum, 1.0.nextDown)
    }
  }

  /// The digits that a double tells apart.
  private static func places(_ base: Int) -> Int {
    Int((54 / (logarithm(Double(base)) / logarithm(2))).rounded(.up)) - 1
  }

  private static func primes(_ count: Int) -> [Int] {
    var primes: [Int] = []
    var candidate = 2
    while primes.count < count {
      if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
      candidate += 1
    }
    return primes
  }
}
