internal import Digests
internal import Records

extension RunKey {
  /// The name of the file that keeps this run alone: the readable key with what file systems or
  /// shells object to replaced by `_`, cut to a length that every file system takes, and ten digits
  /// of the key's SHA-256, which tell keys apart that look the same then.
  var fileName: String {
    let kept = "\(problem) \(run)".utf8.prefix(180).map { byte in
      isPlain(byte) ? byte : UInt8(ascii: "_")
    }
    let readable = String(decoding: kept, as: UTF8.self)
    return "\(readable)-\(Digest.ofText("\(problem)\n\(run)").prefix(10)).h5"
  }
}

private func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: "._=+-,".utf8.contains(byte)
  }
}
