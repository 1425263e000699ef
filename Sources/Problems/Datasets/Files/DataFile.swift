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
    return bytes
  }

  /// Whether there is something at `path`.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The bytes of the file at `path`, without reading it.
  static func size(of path: String, key: String) throws(ProblemError) -> Int {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ProblemError(
        file: path,
        exists(path)
          ? "is no file; set '\(key)' of the data set to the file"
          : "there is no such file; set '\(key)' of the data set to the file")
    }
    return Int(status.st_size)
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
