#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A file mapped into memory that another program may map too: in memory alone where there is room.
public final class SharedFile {
  public let path: String
  /// The first byte, at the beginning of a page.
  public let bytes: UnsafeMutableRawPointer
  public let count: Int
  private var isNamed = true

  /// A new file of `count` zero bytes.
  ///
  /// - Returns: Nil where no folder for passing files has room for it.
  public init?(byteCount count: Int) {
    self.count = count
    var found: (path: String, bytes: UnsafeMutableRawPointer)?
    for folder in Self.folders where found == nil { found = Self.make(count, in: folder) }
    guard let found else { return nil }
    (path, bytes) = found
  }

  deinit {
    munmap(bytes, count)
    removeName()
  }

  /// Takes the file out of its folder; those who have opened it keep it.
  public func removeName() {
    if isNamed { unlink(path) }
    isNamed = false
  }

  private static var folders: [String] {
    let named = getenv("TMPDIR").map { String(cString: $0) }
    return ["/dev/shm"] + [named].compactMap(\.self).filter { $0.hasPrefix("/") } + ["/tmp"]
  }

  private static func make(_ count: Int, in folder: String) -> (String, UnsafeMutableRawPointer)? {
    // What `mkstemp` replaces.
    let placeholder = String(repeating: "X", count: 6)
    var name = Array("\(folder)/optbench-\(placeholder)".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #if canImport(Darwin)
      let hasRoom = ftruncate(descriptor, off_t(count)) == 0
    #else
      // A page that is not there when it is written to would end the program.
      let hasRoom = posix_fallocate(descriptor, 0, off_t(count)) == 0
    #endif
    guard hasRoom,
      let bytes = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      bytes != MAP_FAILED
    else {
      unlink(path)
      return nil
    }
    return (path, bytes)
  }
}
