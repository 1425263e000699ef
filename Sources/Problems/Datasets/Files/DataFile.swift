internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A file that is read as a whole.
enum DataFile {
  /// The bytes of the file at `path`.
  ///
  /// - Parameters:
  ///   - key: The option that names the file, for the error if it is missing.
  ///   - expected: The size that it must have.
  static func bytes(
    of path: String, key: String, size expected: Int? = nil
  ) throws(ProblemError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      throw ProblemError(
        file: path, "cannot be opened: \(reason); set '\(key)' of the data set to the file")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ProblemError(file: path, "is no file; set '\(key)' of the data set to the file")
    }
    let size = Int(status.st_size)
    guard expected == nil || size == expected else {
      throw ProblemError(
        file: path,
        "has \(size) bytes, the data set's file has \(expected ?? 0); it is damaged or another file: "
          + "fetch it again")
    }
    try requireMemory(size, for: path)
    var failure: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while filled < size, let start = buffer.baseAddress {
        let got = read(descriptor, start + filled, size - filled)
        if got < 0 { failure = String(cString: strerror(errno)) }
        if got <= 0 { break }
        filled += got
      }
    }
    if let failure { throw ProblemError(file: path, "cannot be read: \(failure)") }
    guard bytes.count == size else {
      throw ProblemError(
        file: path, "shrank while it was read, from \(size) bytes to \(bytes.count)")
    }
    var now = stat()
    guard fstat(descriptor, &now) == 0, FileState(now) == FileState(status) else {
      throw ProblemError(file: path, "was changed while it was read; run again when it is whole")
    }
    return bytes
  }

  /// Runs `body`, which reads the file at `path` in several steps, and throws if the file is another
  /// one afterwards.
  static func unchanged<Value>(
    _ path: String, key: String, _ body: () throws(ProblemError) -> Value
  ) throws(ProblemError) -> Value {
    let before = try status(of: path, key: key)
    let value = try body()
    guard FileState(try status(of: path, key: key)) == FileState(before) else {
      throw ProblemError(file: path, "was changed while it was read; run again when it is whole")
    }
    return value
  }

  /// Whether there is something at `path`.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether there is a file at `path`.
  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The bytes of the file at `path`, without reading it.
  static func size(of path: String, key: String) throws(ProblemError) -> Int {
    Int(try status(of: path, key: key).st_size)
  }

  /// The first bytes of the file at `path`, from `offset`; fewer where it ends.
  static func bytes(
    _ count: Int, at offset: Int, of path: String
  ) throws(ProblemError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
      throw ProblemError(file: path, "cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
    }
  }

  private static func status(of path: String, key: String) throws(ProblemError) -> stat {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ProblemError(
        file: path,
        exists(path)
          ? "is no file; set '\(key)' of the data set to the file"
          : "there is no such file; set '\(key)' of the data set to the file")
    }
    return status
  }

  /// Refuses what the machine's memory cannot hold.
  static func requireMemory(_ bytes: Int, for path: String) throws(ProblemError) {
    let available = ProcessInfo.processInfo.physicalMemory
    guard bytes >= 0, UInt64(bytes) <= available else {
      throw ProblemError(
        file: path,
        "would take \(bytes) bytes of memory; this machine has \(available)")
    }
  }
}

/// What changes with a file's content.
private struct FileState: Equatable {
  private let numbers: [Int]

  init(_ status: stat) {
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    numbers = [
      Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino),
      Int(status.st_size), Int(time.tv_sec), Int(time.tv_nsec),
    ]
  }
}
