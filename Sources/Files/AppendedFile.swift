#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A file that only grows, created by this process and written by no other. What is appended is there
/// whole or not at all while the process lives; a process that dies meanwhile leaves a torn end.
public struct AppendedFile: ~Copyable, Sendable {
  public let path: String
  /// The bytes in the file.
  public private(set) var size = 0
  private let descriptor: Int32

  /// Creates the file.
  ///
  /// - Throws: `FileError` of the kind `inTheWay` if something of that name is there.
  public init(creating path: String) throws(FileError) {
    try requirePath(path)
    let opened = open(
      path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard opened >= 0 else {
      if errno == EEXIST { throw FileError(.inTheWay, "write", path, "the file is there already") }
      throw FileError.ofSystem("write", path)
    }
    self.path = path
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Whether the file still has a name: nobody finds what is appended to one that was removed.
  public var isNamed: Bool {
    var now = stat()
    return fstat(descriptor, &now) == 0 && now.st_nlink > 0
  }

  /// Writes all of `bytes` at the end; what cannot be written whole is cut off again.
  ///
  /// - Returns: Where they lie.
  public mutating func append(_ bytes: [UInt8]) throws(FileError) -> Range<Int> {
    do {
      try writeAll(bytes, to: descriptor, of: path)
    } catch {
      if ftruncate(descriptor, off_t(size)) != 0 {
        var now = stat()
        if fstat(descriptor, &now) == 0 { size = Int(now.st_size) }
      }
      throw error
    }
    defer { size += bytes.count }
    return size..<size + bytes.count
  }

  /// Waits until everything appended is on the disk.
  public func synchronize() throws(FileError) {
    #if canImport(Darwin)
      let code = fsync(descriptor)
    #else
      let code = fdatasync(descriptor)
    #endif
    // Some file systems cannot be synchronised.
    guard code == 0 || errno == EINVAL else { throw FileError.ofSystem("write", path) }
  }
}
