/// The number that `field` spells in decimal, such as `-1.5e3`, without the spaces around it; nil for
/// anything else, NaN and infinities included.
///
/// Up to 15 digits with a small power of ten are computed exactly (Clinger, 1990), the rest is left
/// to the standard library.
func decimalNumber(_ field: ArraySlice<UInt8>) -> Double? {
  let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  var text = field.drop(while: isSpace)
  while let last = text.last, isSpace(last) { text.removeLast() }
  var index = text.startIndex
  let isNegative = text.first == UInt8(ascii: "-")
  if isNegative || text.first == UInt8(ascii: "+") { index += 1 }
  var mantissa: UInt64 = 0
  var digits = 0
  var decimals = 0
  var hasPoint = false
  while index < text.endIndex {
    let byte = text[index]
    if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      digits += 1
      if digits <= 15 { mantissa = mantissa * 10 + UInt64(byte - UInt8(ascii: "0")) }
      if hasPoint { decimals += 1 }
    } else if byte == UInt8(ascii: "."), !hasPoint {
      hasPoint = true
    } else {
      break
    }
    index += 1
  }
  guard digits > 0 else { return nil }
  if index == text.endIndex, digits <= 15 {
    let value = Double(mantissa) / powersOfTen[decimals]
    return isNegative ? -value : value
  }
  if index < text.endIndex {
    // What may follow is an exponent, which `Double` checks; it also takes "0x1p3" and "nan".
    guard text[index] == UInt8(ascii: "e") || text[index] == UInt8(ascii: "E") else { return nil }
  }
  guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
    return nil
  }
  return value
}

private let powersOfTen: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]
