import Tensors
import TestSupport
import Testing

/// Random streams against Random123's known answers and a NumPy implementation of their formula.
struct RandomStreamTests {
  struct Oracle: Decodable {
    struct Stream: Decodable {
      let seed, name: String
      let words: [UInt32]
      let uniforms, normals: [Double]
      let bounds, integers, shuffled: [Int]
    }
    let streams: [Stream]
  }

  /// The lines `philox4x32 10` of Random123's `kat_vectors` (Salmon et al., 2011).
  @Test(arguments: [
    (
      counter: SIMD4<UInt32>(0, 0, 0, 0), key: SIMD2<UInt32>(0, 0),
      answer: SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      counter: SIMD4(repeating: UInt32.max), key: SIMD2(repeating: UInt32.max),
      answer: SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      key: SIMD2(0xa409_3822, 0x299f_31d0),
      answer: SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func philoxGivesRandom123sKnownAnswers(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, answer: SIMD4<UInt32>
  ) {
    #expect(philox4x32(counter: counter, key: key) == answer)
  }

  @Test func streamsCanBeRegeneratedInNumPy() throws {
    let expected: Oracle = try oracle("random_streams")
    #expect(expected.streams.count == 6)
    for item in expected.streams {
      let seed = try #require(UInt64(item.seed))
      let stream = RandomStream(seed: seed, name: item.name)
      var words = stream
      #expect(item.words.map { _ in words.nextWord() } == item.words, "\(item.seed) \(item.name)")
      var uniforms = stream
      #expect(item.uniforms.map { _ in uniforms.uniform() } == item.uniforms)
      var integers = stream
      #expect(item.bounds.map { integers.integer(below: $0) } == item.integers)
      var normals = stream
      for value in item.normals {
        // Other C libraries may round a cosine the other way.
        #expect(isClose(normals.normal(), value, relative: 1e-14, absolute: 1e-15))
      }
      var shuffles = stream
      var values = Array(0..<20)
      shuffles.shuffle(&values)
      #expect(values == item.shuffled)
    }
  }

  @Test func seedsAndNamesGiveStreamsOfTheirOwn() {
    var firstWords: Set<UInt32> = []
    for seed in [0, 1, 1 << 32, 1 << 33] as [UInt64] {
      for name in ["", "a", "b", "ab", "ba"] {
        var stream = RandomStream(seed: seed, name: name)
        firstWords.insert(stream.nextWord())
      }
    }
    #expect(firstWords.count == 20)
  }

  @Test func uniformsFillTheUnitInterval() {
    var stream = RandomStream(seed: 5, name: "uniform")
    let values = (0..<20_000).map { _ in stream.uniform() }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let tenths = (0..<10).map { tenth in values.count { Int($0 * 10) == tenth } }
    // Each tenth holds 2,000 ± 42: five standard deviations.
    #expect(tenths.allSatisfy { abs($0 - 2_000) < 212 })
  }

  @Test(arguments: [0, 3, (1 << 32) - 5] as [UInt64])
  func sixteenNormalsAtOnceAreThoseOfEightBlocks(block: UInt64) {
    var single = RandomStream(seed: 0x1_2345_6789_ABCD, name: "sixteen", part: 7)
    single.jump(toBlock: block)
    var many = single
    var normals = [Double](repeating: .nan, count: 16)
    for _ in 0..<500 {
      many.nextSixteenNormals(into: &normals)
      for normal in normals {
        #expect(isClose(normal, single.normal(), relative: 1e-14, absolute: 1e-14))
      }
    }
  }

  @Test func normalsHaveTheirMoments() {
    var stream = RandomStream(seed: 6, name: "normal")
    let values = (0..<20_000).map { _ in stream.normal() }
    let moments = (1...4).map { order in
      values.reduce(0) { $0 + power($1, Double(order)) } / Double(values.count)
    }
    // Five standard errors of each moment: √(1, 2, 15, 96)/√20,000.
    #expect(abs(moments[0]) < 0.036 && abs(moments[1] - 1) < 0.05)
    #expect(abs(moments[2]) < 0.14 && abs(moments[3] - 3) < 0.35)
  }

  @Test func integersBelowABoundAreEquallyLikely() {
    var stream = RandomStream(seed: 7, name: "integers")
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<14_000 { counts[stream.integer(below: 7)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 2_000) < 210 })
  }

  @Test func shufflesReachEveryOrderEquallyOften() {
    var stream = RandomStream(seed: 8, name: "shuffle")
    var counts: [[Int]: Int] = [:]
    for _ in 0..<12_000 {
      var values = [0, 1, 2, 3]
      stream.shuffle(&values)
      counts[values, default: 0] += 1
    }
    #expect(counts.count == 24)
    #expect(counts.values.allSatisfy { abs($0 - 500) < 110 })
  }

  @Test func aCopyOfAStreamRepeatsIt() {
    var stream = RandomStream(seed: 9, name: "copy")
    _ = stream.normal()
    var copy = stream
    #expect((0..<5).map { _ in stream.normal() } == (0..<5).map { _ in copy.normal() })
  }
}
