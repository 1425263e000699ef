internal import CZlib

/// The CRC-32 of zlib, gzip and PNG (ISO 3309): finds every error within 32 bits in a row, and all but
/// one in 2³² of others.
public func crc32(of bytes: UnsafeRawBufferPointer) -> UInt32 {
  guard let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return 0 }
  return UInt32(truncatingIfNeeded: crc32_z(0, start, bytes.count))
}
