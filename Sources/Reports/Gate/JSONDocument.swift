internal import Foundation

/// A value as JSON for programs: keys sorted and in snake case, numbers with all their digits, the
/// non-finite ones as texts.
func jsonDocument(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  guard let data = try? encoder.encode(value) else {
    preconditionFailure("\(type(of: value)) cannot be encoded")
  }
  return String(decoding: data, as: UTF8.self) + "\n"
}
