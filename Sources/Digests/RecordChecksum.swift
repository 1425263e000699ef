/// The checksum of TFRecords: CRC-32C, rotated and shifted so that a checksum of data with checksums is
/// another.
public func maskedCRC32C(of bytes: some Sequence<UInt8>) -> UInt32 {
  var checksum: UInt32 = .max
  for byte in bytes {
    checksum = table[Int(UInt8(truncatingIfNeeded: checksum) ^ byte)] ^ checksum >> 8
  }
  checksum = ~checksum
  return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
}

/// Of the polynomial of Castagnoli (1993), reflected.
private let table: [UInt32] = (0..<256 as Range<UInt32>).map { byte in
  (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
}
