import Statistics
import TestSupport
import Testing

/// `Oracles/halton.json`, written by scripts/oracles/halton_scipy.py.
private struct HaltonOracle: Decodable {
  struct Scrambled: Decodable {
    let base: Int
    let permutations: [[Int]]
    let values: [Double]
  }
  let plain, far: [[Double]]
  let farIndex: Int
  let scrambled: [Scrambled]
}

struct HaltonTests {
  @Test func thePointsAreSciPys() throws {
    let oracle: HaltonOracle = try oracle("halton")
    let plain = HaltonSequence(dimensions: 7, seed: nil)
    for (index, expected) in oracle.plain.enumerated() {
      for (value, expected) in zip(plain.point(index), expected) {
        #expect(abs(value - expected) < 1e-15)
      }
    }
    for (index, expected) in oracle.far.enumerated() {
      let point = HaltonSequence(dimensions: 3, seed: nil).point(oracle.farIndex + index)
      for (value, expected) in zip(point, expected) { #expect(abs(value - expected) < 1e-15) }
    }
    for item in oracle.scrambled {
      let sequence = HaltonSequence(bases: [item.base], permutations: [item.permutations])
      for (index, expected) in item.values.enumerated() {
        #expect(abs(sequence.point(index)[0] - expected) < 1e-15)
      }
    }
  }

  /// bᵏ points in a row fall one into each of bᵏ intervals, however digits are permuted.
  @Test(arguments: [UInt64(0), 1000, .max])
  func scrambledPointsStayEquidistributed(seed: UInt64) {
    let sequence = HaltonSequence(dimensions: 8, seed: seed)
    for (dimension, base) in sequence.bases.enumerated() {
      let count = base * base
      for start in [0, 5 * count] {
        let cells = (start..<(start + count)).map {
          Int(sequence.point($0)[dimension] * Double(count))
        }
        #expect(Set(cells).count == count, "base \(base)")
      }
    }
    for place in sequence.permutations.joined() {
      #expect(place.sorted() == Array(place.indices))
    }
  }

  @Test func fewerDimensionsHaveTheSameCoordinates() {
    let wide = HaltonSequence(dimensions: 9, seed: 4)
    let narrow = HaltonSequence(dimensions: 4, seed: 4)
    let other = HaltonSequence(dimensions: 4, seed: 5)
    for index in [0, 1, 17] {
      #expect(Array(wide.point(index).prefix(4)) == narrow.point(index))
      #expect(narrow.point(index) != other.point(index))
      #expect(wide.point(index).allSatisfy { (0..<1).contains($0) })
    }
  }
}
