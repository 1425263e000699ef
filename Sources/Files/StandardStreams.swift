#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Writes to standard output.
///
/// - Throws: That it could not be written, such as to a full disk or to a reader that has gone.
public func writeToStandardOutput(_ text: String) throws(FileError) {
  try writeAll(Array(text.utf8), to: STDOUT_FILENO, of: "standard output")
}

/// Writes diagnostics. Where they cannot be written there is nobody to tell.
public func writeToStandardError(_ text: String) {
  try? writeAll(Array(text.utf8), to: STDERR_FILENO, of: "standard error")
}

/// The bytes of a text that a person named: a file, or a pipe such as a shell's `<(command)`.
///
/// - Throws: If it cannot be read, or if it has more than `limit` bytes: a device may have no end.
public func readStream(_ path: String, limit: Int = 64 << 20) throws(FileError) -> [UInt8] {
  switch try fileKind(path) {
  case .missing: throw FileError(.missing, "read", path, "there is no such file")
  case .folder, .blockDevice, .socket, .link:
    throw FileError(.inTheWay, "read", path, "it is no file")
  case .file, .pipe, .characterDevice: break
  }
  let descriptor = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError.ofSystem("read", path) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &block, block.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw FileError.ofSystem("read", path) }
    guard count > 0 else { return bytes }
    bytes += block.prefix(count)
    guard bytes.count <= limit else {
      throw FileError(.refused, "read", path, "it is larger than \(limit >> 20) MB")
    }
  }
}
