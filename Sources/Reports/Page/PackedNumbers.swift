internal import Foundation

/// Numbers as text of three characters each, for a page that holds many of them.
///
/// A number has 18 bits: its sign, and in steps of 0.15% its size, from 10⁻⁴⁶ to 10³⁹, which holds every
/// Float32. 0 is 0, the greatest size is infinite, and −0 stands for no number.
package enum PackedNumbers {
  static let characters = 3
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  private static let sign = 1 << 17
  private static let infinite = sign - 1
  private static let decades = (low: -46.0, high: 39.0)

  package static func text(_ values: [Float]) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters * values.count)
    for value in values {
      let code = code(Double(value))
      bytes += [alphabet[code >> 12], alphabet[code >> 6 & 63], alphabet[code & 63]]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The most that `text(places:)` can write.
  static let mostPlaces = 4096

  /// Whole numbers from 0 in one character each, in two where there are more than 64.
  static func text(places: [Int], of count: Int) -> String {
    var bytes: [UInt8] = []
    for place in places {
      if count > 64 { bytes.append(alphabet[place >> 6]) }
      bytes.append(alphabet[place & 63])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func code(_ value: Double) -> Int {
    if value.isNaN { return sign }
    if value == 0 { return 0 }
    let isNegative = value < 0 ? sign : 0
    if value.isInfinite { return isNegative | infinite }
    let place = (log10(abs(value)) - decades.low) / (decades.high - decades.low)
    return isNegative | min(max(1 + Int(place * Double(infinite - 2)), 1), infinite - 1)
  }
}
