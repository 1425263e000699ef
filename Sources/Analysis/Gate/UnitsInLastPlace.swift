/// How many floating-point numbers lie between two, the second included: 0 for equal bits, and
/// for +0 and −0; nil where exactly one is NaN.
func unitsInLastPlace(_ a: Float, _ b: Float) -> UInt32? {
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN ? 0 : nil }
  func position(_ value: Float) -> Int64 {
    let bits = Int64(Int32(bitPattern: value.bitPattern))
    return bits < 0 ? Int64(Int32.min) - bits : bits
  }
  return UInt32(clamping: abs(position(a) - position(b)))
}
