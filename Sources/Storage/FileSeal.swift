internal import Digests
internal import Files

/// The last line of a result file, `sha256 ` and the digest of all that stands before the line.
///
/// HDF5 ignores what follows its own end of file, and a program that changes the file cuts it off.
/// The seal is checked before the library opens the file: HDF5 1.10 has no checksum over texts of
/// variable length, and on damaged ones it crashes, waits for ever or takes gigabytes. So a file
/// without a seal is not opened, except by a process that may fail (`RunArchive.recover`).
enum FileSeal {
  private static let mark = "\nsha256 "
  private static let length = mark.utf8.count + 64 + 1

  /// Appends the seal to the finished file.
  static func append(to file: borrowing WholeFile) throws(StorageError) {
    try filing { () throws(FileError) in
      let whole = try PlainFile(file.temporaryPath)
      let seal = Array("\(mark)\(try digest(of: whole, count: whole.size))\n".utf8)
      try file.append(seal)
    }
  }

  /// Whether the file has a seal; throws if its content does not match it.
  static func check(_ file: borrowing PlainFile) throws(FileError) -> Result<Bool, StorageError> {
    let end = file.size - length
    guard end >= 0 else { return .success(false) }
    let seal = String(decoding: try file.bytes(from: end, count: length), as: UTF8.self)
    guard seal.hasPrefix(mark), seal.hasSuffix("\n") else { return .success(false) }
    guard try digest(of: file, count: end) == seal.dropFirst(mark.count).dropLast() else {
      return .failure(
        StorageError(
          kind: .damaged, operation: "read", file: file.path,
          detail: "it does not match the SHA-256 at its end: it was damaged after it was written",
          advice: damagedAdvice))
    }
    return .success(true)
  }

  /// The digest of the first `count` bytes.
  private static func digest(
    of file: borrowing PlainFile, count: Int
  ) throws(FileError) -> String {
    var digest = Digest()
    var place = 0
    while place < count {
      let block = try file.bytes(from: place, count: min(1 << 18, count - place))
      guard !block.isEmpty else { break }
      block.withUnsafeBytes { digest.add($0) }
      place += block.count
    }
    return digest.finish()
  }
}
