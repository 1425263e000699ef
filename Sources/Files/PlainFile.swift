#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A plain file, open for reading: never a pipe, which could keep the reader waiting for ever, nor a
/// device, which may have no end.
public struct PlainFile: ~Copyable {
  public let path: String
  public let size: Int
  private let descriptor: Int32

  public init(_ path: String) throws(FileError) {
    try requirePath(path)
    let file = try opened(path)
    self.path = path
    descriptor = file.descriptor
    size = file.size
  }

  deinit { close(descriptor) }

  /// The bytes from `start`, `count` at most: fewer only at the end of the file.
  public func bytes(from start: Int, count: Int) throws(FileError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: max(0, min(count, size - start)))
    var filled = 0
    while filled < result.count {
      let got = result.withUnsafeMutableBytes { buffer in
        pread(
          descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled,
          off_t(start + filled))
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw FileError.ofSystem("read", path) }
      if got == 0 { return Array(result.prefix(filled)) }
      filled += got
    }
    return result
  }
}

private func opened(_ path: String) throws(FileError) -> (descriptor: Int32, size: Int) {
  let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError.ofSystem("read", path) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    let failure = FileError.ofSystem("read", path)
    close(descriptor)
    throw failure
  }
  let kind = FileKind(mode: status.st_mode)
  guard kind == .file else {
    close(descriptor)
    throw FileError(
      .inTheWay, "read", path, "it is \(kind.name), not a file", advice: "give a file")
  }
  return (descriptor, Int(status.st_size))
}
