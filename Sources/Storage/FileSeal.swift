#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif
internal import Digests

/// The last line of a result file, `sha256 ` and the digest of all that stands before the line.
///
/// HDF5 ignores what follows its own end of file, and a program that changes the file cuts it off; a
/// file without a seal is read as it is. The seal is checked before the library opens the file:
/// HDF5 1.10 has no checksum over texts of variable length and crashes on a damaged one.
enum FileSeal {
  private static let mark = "\nsha256 "
  private static let length = mark.utf8.count + 64 + 1

  /// Appends the seal to the finished file at `path`.
  static func append(to path: String) throws(StorageError) {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError("write", path) }
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let seal = Array("\(mark)\(try digest(of: descriptor, count: size, path))\n".utf8)
    guard pwrite(descriptor, seal, seal.count, off_t(size)) == seal.count else {
      throw systemError("write", path)
    }
  }

  /// Throws if the file at `path` has a seal that its content does not match.
  static func check(_ path: String) throws(StorageError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError("read", path) }
    defer { close(descriptor) }
    let end = Int(lseek(descriptor, 0, SEEK_END)) - length
    guard end >= 0 else { return }
    var bytes = [UInt8](repeating: 0, count: length)
    guard pread(descriptor, &bytes, length, off_t(end)) == length else {
      throw systemError("read", path)
    }
    let seal = String(decoding: bytes, as: UTF8.self)
    guard seal.hasPrefix(mark), seal.hasSuffix("\n") else { return }
    guard try digest(of: descriptor, count: end, path) == seal.dropFirst(mark.count).dropLast()
    else {
      throw StorageError(
        kind: .damaged, operation: "read", file: path,
        detail: "it does not match the SHA-256 at its end: it was damaged after it was written",
        advice: damagedAdvice)
    }
  }

  /// The digest of the first `count` bytes of an open file.
  private static func digest(
    of descriptor: Int32, count: Int, _ path: String
  ) throws(StorageError) -> String {
    var digest = Digest()
    var block = [UInt8](repeating: 0, count: min(count, 1 << 18))
    var place = 0
    while place < count {
      let got = pread(descriptor, &block, min(block.count, count - place), off_t(place))
      guard got > 0 else { throw systemError("read", path) }
      block.withUnsafeBytes { digest.add(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
      place += got
    }
    return digest.finish()
  }
}
