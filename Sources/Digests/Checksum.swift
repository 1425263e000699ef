internal import CZlib

/// The CRC-32 of zlib, gzip and PNG (ISO 3309): finds every error within 32 bits in a row, and all but
/// one in 2³² of others.
///
/// - Parameter before: The checksum of the bytes before these.
public func crc32(of bytes: UnsafeRawBufferPointer, after before: UInt32 = 0) -> UInt32 {
  guard let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return before }
  return UInt32(truncatingIfNeeded: crc32_z(UInt(before), start, bytes.count))
}
