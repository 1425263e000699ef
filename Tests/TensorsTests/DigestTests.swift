import Digests
import TestSupport
import Testing

/// SHA-256 against NIST's examples, and the encoding of values against Python's hashlib.
struct DigestTests {
  struct Oracle: Decodable {
    struct Digests: Decodable { let integerTextNumber, floats, integers: String }
    let digests: Digests
  }

  /// The example messages of FIPS 180-4 and a million times "a".
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func givesTheStandardsAnswers(text: String, expected: String) {
    #expect(Digest.ofText(text) == expected)
  }

  @Test func encodesValuesAsDocumented() throws {
    let expected = try oracle("random_streams", as: Oracle.self).digests
    var mixed = Digest()
    mixed.add(-3)
    mixed.add("épsilon")
    mixed.add(1.5)
    #expect(mixed.finish() == expected.integerTextNumber)
    #expect(
      digest { $0.add([0, -0.0, 1.5, .infinity, .leastNonzeroMagnitude] as [Float]) }
        == expected.floats)
    #expect(digest { $0.add([1, -2, .max] as [Int32]) } == expected.integers)
  }

  @Test func piecesDoNotRunIntoEachOther() {
    let pairs = [("ab", "c"), ("a", "bc"), ("abc", "")]
    let digests = pairs.map { pair in
      digest {
        $0.add(pair.0)
        $0.add(pair.1)
      }
    }
    #expect(Set(digests).count == 3)
    #expect(digest { $0.add([] as [Float]) } != digest { _ in })
  }

  @Test func everyNotANumberIsTheSameAndZerosDiffer() {
    let negative = -Float.nan
    #expect(digest { $0.add([negative]) } == digest { $0.add([Float.nan]) })
    #expect(digest { $0.add(-Double.nan) } == digest { $0.add(Double.nan) })
    #expect(digest { $0.add(0.0) } != digest { $0.add(-0.0) })
  }

  private func digest(_ feed: (inout Digest) -> Void) -> String {
    var digest = Digest()
    feed(&digest)
    return digest.finish()
  }
}
