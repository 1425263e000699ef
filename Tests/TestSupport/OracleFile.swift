import Foundation

/// Reads the numbers that an independent program wrote into `Oracles/<name>.json` beside a test.
public func oracle<Contents: Decodable>(
  _ name: String, as type: Contents.Type = Contents.self, besides testFile: String = #filePath
) throws -> Contents {
  let file = URL(fileURLWithPath: testFile).deletingLastPathComponent()
    .appendingPathComponent("Oracles/\(name).json")
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return try decoder.decode(Contents.self, from: Data(contentsOf: file))
}

/// Whether two numbers agree to a relative tolerance or to an absolute one; equal
/// infinities and two NaNs do.
public func isClose(
  _ actual: Double, _ expected: Double, relative: Double = 1e-12, absolute: Double = 0
) -> Bool {
  if actual == expected || (actual.isNaN && expected.isNaN) { return true }
  return abs(actual - expected) <= max(relative * max(abs(actual), abs(expected)), absolute)
}
